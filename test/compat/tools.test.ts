import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScript } from '../support/run-script.ts';
import type { Consumer } from './consumer.ts';
import { installConsumer } from './consumer.ts';

let project: Consumer;

beforeAll(async () => {
  project = await installConsumer('tools');
});

afterAll(() => {
  project.remove();
});

/** The oldest Node that is supported, and the newest of the lines above it. */
const NODES = ['node-20', 'node-22', 'node-24'] as const;

const nodeOf = (name: string): string => join(project.folder, 'node_modules', name, 'bin/node');

/** What deliver.mjs and deliver.cjs print when all is well. */
const DELIVERED = { events: ['{"worker":false}', '{"worker":true}'], warnings: [], page: 200 };

async function printed(script: string, node = process.execPath): Promise<unknown> {
  const { exit, out, err } = await project.run(script, { command: node });
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  return JSON.parse(out);
}

describe.each(NODES)('%s', (name) => {
  it.each(['deliver.mjs', 'deliver.cjs'])('delivers from %s, from a thread too', async (script) => {
    await expect(printed(script, nodeOf(name))).resolves.toEqual(DELIVERED);
  });

  it('loads the ES modules alone, whoever asks', async () => {
    const { out } = await project.run('identity.cjs', { command: nodeOf(name) });
    expect(JSON.parse(out)).toEqual({ same: [true, true, true], commonJs: [] });
  });

  it.each(['misconfigured.mjs', 'misconfigured.cjs'])(
    'prints the error of %s in fewer than 40 lines, with the names of functions',
    async (script) => {
      const { exit, err } = await project.run(script, { command: nodeOf(name) });
      expect(exit).toBe(1);
      expect(err).toContain('ExporterError: url must be an absolute URL');
      expect(err).toContain('at new ImmutableLogClient (');
      expect(err.split('\n').length).toBeLessThan(40);
      expect(Math.max(...err.split('\n').map(({ length }) => length))).toBeLessThan(300);
    },
  );

  it('runs the tests of a program under Jest as it comes, required and imported', async () => {
    const { exit, err } = await project.run('node_modules/jest/bin/jest.js', {
      command: nodeOf(name),
    });
    expect(err).toContain('Tests:       5 passed, 5 total');
    expect(exit).toBe(0);
  });
});

describe('TypeScript', () => {
  const STRICT = ['--strict', '--exactOptionalPropertyTypes', '--target', 'es2023'];
  // Ours is checked, that of the language is not.
  const CHECKS = ['--skipLibCheck', 'false', '--skipDefaultLibCheck', '--types', 'node'];

  const tsc = (compiler: string, args: readonly string[]) =>
    project.run(`node_modules/${compiler}/bin/tsc`, { args: [...STRICT, ...CHECKS, ...args] });

  it.each([
    ['typescript-5', 'commonjs', '--moduleResolution', 'node10'],
    ['typescript-5', 'node16'],
    ['typescript-5', 'node18'],
    ['typescript', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'],
    ['typescript', 'node20'],
    ['typescript', 'nodenext'],
    ['typescript', 'esnext', '--moduleResolution', 'bundler'],
    ['typescript-7', 'commonjs'],
    ['typescript-7', 'node16'],
    ['typescript-7', 'node18'],
    ['typescript-7', 'node20'],
    ['typescript-7', 'nodenext'],
    ['typescript-7', 'esnext', '--moduleResolution', 'bundler'],
  ])('%s reads all entries with --module %s', async (compiler, module, ...args) => {
    const modules = ['--noEmit', '--module', module, ...args];
    const { exit, out } = await tsc(compiler, [...modules, 'everything.ts']);
    expect({ exit, out }).toEqual({ exit: 0, out: '' });
  });

  it.each([
    ['typescript-5', 'node16'],
    ['typescript', 'node18'],
    ['typescript-7', 'nodenext'],
  ])('%s lets .mts and .cts files share a client with --module %s', async (compiler, module) => {
    const outDir = `mixed-${compiler}`;
    const files = ['mixed/main.mts', 'mixed/client.mts', 'mixed/exporter.cts'];
    const { exit, out } = await tsc(compiler, ['--module', module, '--outDir', outDir, ...files]);
    expect({ exit, out }).toEqual({ exit: 0, out: '' });
    for (const name of NODES) {
      const run = await project.run(`${outDir}/main.mjs`, { command: nodeOf(name) });
      expect(run).toEqual({ exit: 0, out: 'true aborted', err: expect.any(String) });
    }
  });
});

describe('a bundle', () => {
  // esbuild needs it for any CommonJS package; undici and OpenTelemetry's are some.
  const REQUIRE =
    "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);";

  const BUNDLERS = {
    esbuild: (format: string, file: string) => [
      ...['--bundle', '--platform=node', `--format=${format}`, `--outfile=${file}`],
      ...(format === 'esm' ? [`--banner:js=${REQUIRE}`] : []),
    ],
    rolldown: (format: string, file: string) => [
      ...['--platform', 'node', '--format', format, '--file', file],
    ],
  };

  async function bundle(
    bundler: keyof typeof BUNDLERS,
    format: 'esm' | 'cjs',
    source: string,
  ): Promise<string> {
    const file = `bundles/${bundler}-${source}.${format === 'esm' ? 'mjs' : 'cjs'}`;
    const { exit, err } = await project.run(source, {
      command: join(project.folder, 'node_modules/.bin', bundler),
      args: BUNDLERS[bundler](format, file),
    });
    expect({ exit, err: exit === 0 ? '' : err }).toEqual({ exit: 0, err: '' });
    return file;
  }

  it.each([
    ['esbuild', 'esm', 'deliver.mjs'],
    ['esbuild', 'esm', 'deliver.cjs'],
    ['esbuild', 'cjs', 'deliver.mjs'],
    ['esbuild', 'cjs', 'deliver.cjs'],
    ['rolldown', 'esm', 'deliver.mjs'],
    ['rolldown', 'esm', 'deliver.cjs'],
    ['rolldown', 'cjs', 'deliver.mjs'],
    ['rolldown', 'cjs', 'deliver.cjs'],
  ] as const)('by %s as %s of %s delivers', async (bundler, format, source) => {
    const file = await bundle(bundler, format, source);
    const { events, warnings } = DELIVERED;
    await expect(printed(file)).resolves.toMatchObject({ events, warnings });
  });

  it('keeps register, and runs without what that looks for', async () => {
    const { exit, out, err } = await project.run(await bundle('esbuild', 'cjs', 'registered.mjs'));
    expect({ exit, out }).toEqual({ exit: 0, out: 'ran' });
    expect(err).toMatch(/^.*@opentelemetry\/sdk-node is not installed.*\n$/);
  });
});

// No flat folder of packages: what is not declared cannot be found.
describe('an installation by pnpm', () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'compat-pnpm-'));
    const manifest = {
      private: true,
      dependencies: {
        '@opentelemetry/api': '1.9.1',
        '@opentelemetry/core': '2.12.1',
        'opentelemetry-exporter-immutablelog': `file:${join(project.folder, project.tarball)}`,
      },
    };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    for (const file of ['deliver.mjs', 'deliver.cjs']) {
      cpSync(join(project.folder, file), join(folder, file));
    }
    const { exit, out, err } = await runScript('install', {
      command: join(project.folder, 'node_modules/.bin/pnpm'),
      args: ['--store-dir', join(folder, '.store')],
      cwd: folder,
      timeoutMs: 120_000,
    });
    if (exit !== 0) throw new Error(`pnpm install failed: ${out}${err}`);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['deliver.mjs', 'deliver.cjs'])('delivers from %s', async (script) => {
    const { exit, out, err } = await runScript(script, { cwd: folder, timeoutMs: 60_000 });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(JSON.parse(out)).toEqual(DELIVERED);
  });
});
