import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScript } from '../support/run-script.ts';
import type { InstalledPackage } from './installed-package.ts';
import { installPackage, versionOf } from './installed-package.ts';

let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage();
});

afterAll(() => {
  installed.remove();
});

const EXPORTS = [
  'ATTR_IMMUTABLELOG_EVENT_NAME',
  'ATTR_IMMUTABLELOG_TRAIL',
  'ATTR_IMMUTABLELOG_TYPE',
  'DROP_REASONS',
  'ExporterError',
  'ImmutableLogClient',
  'ImmutableLogLogRecordExporter',
  'ImmutableLogLogRecordProcessor',
  'ImmutableLogSpanExporter',
  'ImmutableLogSpanProcessor',
  'VERSION',
  'createRedactor',
  'digest',
  'isExporterError',
  'logRecordExporterProvider',
  'recordAuditEvent',
  'requestBodyDigest',
  'requestSpan',
  'spanExporterProvider',
  'stopOnExit',
  'withImmutableLogFlush',
];

async function evaluate(file: string, text: string): Promise<unknown> {
  const { exit, out, err } = await runScript(installed.write(file, text));
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  return JSON.parse(out);
}

describe('the packed package', () => {
  it('holds what was built and its papers, and nothing else', () => {
    const isPage = (path: string): boolean => /^(?:examples\/|\.github\/[A-Z]+\.md$)/.test(path);
    const others = installed.files.filter((path) => !path.startsWith('dist/') && !isPage(path));
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  it('holds every entry for Node and for what cannot load ES modules', () => {
    const entries = ['dist/emulator/index', 'dist/index', 'dist/register'];
    const withEnding = (ending: string): string[] =>
      installed.files.filter((path) => path.endsWith(ending)).sort();
    expect(withEnding('.d.ts')).toEqual(entries.map((entry) => `${entry}.d.ts`));
    expect(withEnding('.d.cts')).toEqual(entries.map((entry) => `${entry}.d.cts`));
    for (const entry of entries) {
      expect(installed.files).toEqual(expect.arrayContaining([`${entry}.js`, `${entry}.cjs`]));
    }
    expect(installed.files).toEqual(
      expect.arrayContaining(['dist/worker.js', 'dist/cli/bin.js', 'dist/browser/main.js']),
    );
  });

  it('holds the rest once per room, at the top', () => {
    const others = installed.files.filter((path) => /^dist\/.*(?<![.]d)[.]c?js$/.test(path));
    const inFolders = others.filter((path) => /^dist\/(?!browser\/).*\//.test(path)).sort();
    expect(inFolders).toEqual([
      'dist/cli/bin.js',
      'dist/emulator/index.cjs',
      'dist/emulator/index.js',
    ]);
    expect(others.filter((path) => /^dist\/[a-z-]+[.]c?js$/.test(path)).length).toBeLessThan(40);
  });

  // All but the command is there twice, nothing is minified, and the examples come with it.
  it('takes at most 1.5 MB when it is unpacked', () => {
    expect(installed.unpackedBytes).toBeLessThanOrEqual(1_500_000);
  });

  it('loads neither the emulator nor the command with its main entry', async () => {
    const loaded = await evaluate(
      'loaded.js',
      `import { readFileSync } from 'node:fs';
       import { dirname, join } from 'node:path';
       import { fileURLToPath } from 'node:url';
       const seen = new Set();
       const visit = (file) => {
         if (seen.has(file)) return;
         seen.add(file);
         const text = readFileSync(file, 'utf8');
         for (const [, path] of text.matchAll(/(?:from|import) ?["'](\\.[^"']+)["']/g)) {
           visit(join(dirname(file), path));
         }
       };
       visit(fileURLToPath(import.meta.resolve('opentelemetry-exporter-immutablelog')));
       console.log(JSON.stringify([...seen].map((file) => file.split('/dist/')[1])));`,
    );
    expect(loaded).toContain('index.js');
    expect(loaded).toEqual(expect.not.arrayContaining(['emulator.js', 'cli/bin.js']));
  });

  it('gives its names to import', async () => {
    const names = await evaluate(
      'names.js',
      `import * as all from 'opentelemetry-exporter-immutablelog';
       console.log(JSON.stringify(Object.keys(all).sort()));`,
    );
    expect(names).toEqual(EXPORTS);
  });

  it('gives the same classes to require', async () => {
    const { exit, out } = await runScript(
      installed.write(
        'names.cjs',
        `const required = require('opentelemetry-exporter-immutablelog');
         import('opentelemetry-exporter-immutablelog').then((imported) => {
           console.log(required.ImmutableLogClient === imported.ImmutableLogClient);
         });`,
      ),
    );
    expect({ exit, out }).toEqual({ exit: 0, out: 'true\n' });
  });

  it('knows its version', async () => {
    const version = await evaluate(
      'version.js',
      `import { VERSION } from 'opentelemetry-exporter-immutablelog';
       console.log(JSON.stringify(VERSION));`,
    );
    expect(version).toBe(await versionOf());
  });

  it('delivers an event to the emulator it brings along', async () => {
    const sent = await evaluate(
      'send.js',
      `import { ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';
       import { createEmulator } from 'opentelemetry-exporter-immutablelog/emulator';
       const emulator = await createEmulator();
       const client = new ImmutableLogClient({ url: emulator.url, apiKey: 'key' });
       const { txId } = await client.send({ eventName: 'a.b', payload: {} });
       await client.close();
       console.log(JSON.stringify(emulator.events().map((event) => event.txId === txId)));
       await emulator.close();`,
    );
    expect(sent).toEqual([true]);
  });

  it('gives the same names and its events to what loads CommonJS only', async () => {
    const seen = await evaluate(
      'commonjs.cjs',
      `const dist = './node_modules/opentelemetry-exporter-immutablelog/dist';
       const all = require(dist + '/index.cjs');
       const { createEmulator } = require(dist + '/emulator/index.cjs');
       const { diag } = require('@opentelemetry/api');
       const told = [];
       diag.setLogger({ ...console, warn: (...words) => told.push(words.join(' ')) });
       async function main() {
         const ledger = await createEmulator();
         for (const worker of [false, true]) {
           const client = new all.ImmutableLogClient({ url: ledger.url, apiKey: 'key', worker });
           await client.send({ eventName: 'a.b', payload: {} });
           await client.close();
         }
         const events = ledger.events().length;
         await ledger.close();
         const noThread = told.filter((text) => text.includes('thread'));
         console.log(JSON.stringify({ events, noThread, names: Object.keys(all).sort() }));
       }
       void main();`,
    );
    expect(seen).toEqual({ events: 2, noThread: [], names: EXPORTS });
  });

  it.each(['index.js', 'index.cjs'])('has the page of the emulator for %s', async (file) => {
    const seen = await evaluate(
      'page.js',
      `const dist = './node_modules/opentelemetry-exporter-immutablelog/dist/emulator/';
       const { createEmulator } = await import(dist + '${file}');
       const ledger = await createEmulator();
       const page = await (await fetch(ledger.url)).text();
       const names = [...page.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, name]) => name);
       const answers = names.map(async (name) => (await fetch(new URL(name, ledger.url))).status);
       const statuses = await Promise.all(answers);
       await ledger.close();
       console.log(JSON.stringify({ files: names.length > 1, statuses: [...new Set(statuses)] }));`,
    );
    expect(seen).toEqual({ files: true, statuses: [200] });
  });

  it.each([
    ['an ES module', 'wrong.mjs', "import * as all from 'opentelemetry-exporter-immutablelog';"],
    ['CommonJS', 'wrong.cjs', "const all = require('opentelemetry-exporter-immutablelog');"],
  ])('prints a readable error for a wrong option in %s', async (_kind, file, load) => {
    const script = installed.write(file, `${load}\nnew all.ImmutableLogClient({ url: 'x' });`);
    const { exit, err } = await runScript(script, { env: { IMTBL_API_KEY: 'key' } });
    expect(exit).toBe(1);
    expect(err).toContain('ExporterError: url must be an absolute URL\n');
    expect(err).toContain('at new ImmutableLogClient (');
    const lines = err.split('\n');
    expect(lines.length).toBeLessThan(40);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(300);
  });

  it('keeps what is not exported out of reach', async () => {
    const { exit, err } = await runScript(
      installed.write('deep.js', "import 'opentelemetry-exporter-immutablelog/dist/client.js';"),
    );
    expect(exit).toBe(1);
    expect(err).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('brings its command', async () => {
    const bin = join(installed.folder, 'node_modules/.bin/immutablelog');
    const { exit, out } = await runScript(bin, { args: ['--version'] });
    expect({ exit, out }).toEqual({ exit: 0, out: `${await versionOf()}\n` });
  });
});
