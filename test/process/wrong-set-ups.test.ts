import { BLOCKS } from '../package/docs.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REGISTER, createProject } from '../support/registered-app.ts';
import { runScript } from '../support/run-script.ts';
import { WRONG_VALUES } from '../support/wrong-variables.ts';

/** A mistake in a variable, or in options: those stand in code, or in a configuration file. */
type SetUp =
  | { readonly env: Readonly<Record<string, string>>; readonly says: RegExp }
  | { readonly code: string; readonly yaml: string; readonly says: RegExp };

const VARIABLES: readonly SetUp[] = [
  { env: { IMTBL_TIMEOUT_MS: '5s' }, says: /IMTBL_TIMEOUT_MS is ignored: expected a number/ },
  { env: { IMTBL_SPANS: 'server' }, says: /IMTBL_SPANS is ignored: expected all, entry, none/ },
  { env: { IMTBL_LOGS: 'warning' }, says: /IMTBL_LOGS is ignored: expected all, none, trace/ },
  { env: { IMTBL_SERVICE_NAME: '"shop"' }, says: /IMTBL_SERVICE_NAME .* without quotes/ },
  { env: { IMTBL_HEADERS: 'x-a' }, says: /IMTBL_HEADERS is ignored: expected name=value/ },
  { env: { IMTBL_CONCURENCY: '8' }, says: /IMTBL_CONCURENCY .*mean IMTBL_CONCURRENCY\?/ },
  { env: { IMTBL_SPOOL_DIR: '~/spool' }, says: /IMTBL_SPOOL_DIR is ignored: expected a path/ },
  { env: { IMTBL_WORKER: 'perhaps' }, says: /IMTBL_WORKER is ignored: expected true or false/ },
  { env: { IMTBL_IGNORE_PATHS: 'health' }, says: /IMTBL_IGNORE_PATHS is ignored: expected paths/ },
  { env: { IMTBL_URL: "'http://127.0.0.1:9'" }, says: /nothing is sent: IMTBL_URL .* quotes/ },
  { env: { IMTBL_URL: 'localhost:4800' }, says: /nothing is sent: IMTBL_URL cannot be used/ },
  { env: { IMTBL_API_KEY: 'a key' }, says: /nothing is sent: IMTBL_API_KEY cannot be used/ },
  { env: { IMTBL_REDACT_KEY: 'k1:short' }, says: /nothing is sent: IMTBL_REDACT_KEY cannot/ },
];

const OPTIONS: readonly SetUp[] = [
  {
    code: '{ sapns: "all" }',
    yaml: '{ sapns: all }',
    says: /unknown option sapns \(did you mean spans\?\)/,
  },
  {
    code: '{ maxRetrys: 1 }',
    yaml: '{ max_retrys: 1 }',
    says: /unknown option maxRetrys \(did you mean retry\.maxRetries\?\)/,
  },
  {
    code: '{ retry: { maxRetrys: 1 } }',
    yaml: '{ retry: { max_retrys: 1 } }',
    says: /unknown option retry\.maxRetrys \(did you mean retry\.maxRetries\?\)/,
  },
  {
    code: '{ timeoutMs: "5s" }',
    yaml: '{ timeout_ms: 5s }',
    says: /timeoutMs must be a whole number/,
  },
  {
    code: '{ spool: { maxBytes: 1 } }',
    yaml: '{ spool: { max_bytes: 1 } }',
    says: /spool\.directory must be a path/,
  },
  {
    code: '{ redact: { rules: [{ match: "a", action: "erase" }] } }',
    yaml: '{ redact: { rules: [{ match: a, action: erase }] } }',
    says: /redact\.rules\[0\]\.action must be/,
  },
  {
    code: '{ url: "http://ledger.example" }',
    yaml: '{ url: "http://ledger.example" }',
    says: /url must be https/,
  },
  {
    code: '{ logs: "warning" }',
    yaml: '{ logs: warning }',
    says: /logs must be/,
  },
];

const UNSET = Object.fromEntries(Object.keys(WRONG_VALUES).map((name) => [name, '']));
const rightFor = ({ url }: Emulator): Readonly<Record<string, string>> => ({
  IMTBL_URL: url,
  IMTBL_API_KEY: 'local',
  IMTBL_REDACT_KEY: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
});

let project: string;
let ledger: Emulator;

const readmeFile = (name: string): string =>
  BLOCKS.find(({ doc, text }) => doc.path === 'README.md' && text.startsWith(`// ${name}\n`))
    ?.text ?? '';

beforeAll(async () => {
  project = createProject();
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(project, 'app.js'), readmeFile('app.js'));
  ledger = await createEmulator({ apiKey: 'local' });
});

afterAll(async () => {
  await ledger.close();
  rmSync(project, { recursive: true, force: true });
});

let files = 0;

function write(ending: string, text: string): string {
  const path = join(project, `set-up-${(files += 1)}.${ending}`);
  writeFileSync(path, text);
  return path;
}

/** The first set-up of the README, with options where it has none. */
function firstSetUp(options: string): string {
  const text = readmeFile('instrumentation.js');
  const given = text.replace(
    'new ImmutableLogSpanProcessor()',
    `new ImmutableLogSpanProcessor(${options})`,
  );
  expect(given === text).toBe(options === '');
  return write('js', given);
}

function environmentOf(setUp: SetUp): Readonly<Record<string, string>> {
  const right = { ...UNSET, ...rightFor(ledger) };
  if ('env' in setUp) return { ...right, ...setUp.env };
  const file = `file_format: "1.0"
tracer_provider: { processors: [{ batch: { exporter: { immutablelog: ${setUp.yaml} } } }] }
`;
  return { ...right, OTEL_CONFIG_FILE: write('yaml', file) };
}

/** The lines in which a mistake is told. */
async function told(
  setUp: SetUp,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const [script = '', ...rest] = args;
  const { out, err } = await runScript(script, { args: rest, cwd: project, env });
  const lines = `${out}\n${err}`.split('\n');
  expect(lines.filter((line) => /exporter: .*exporter: /.test(line))).toEqual([]);
  return lines.filter((line) => setUp.says.test(line));
}

const CASES = [...VARIABLES, ...OPTIONS].map((setUp) => [setUp.says.source, setUp] as const);

describe('a wrong set-up is told in exactly one line', () => {
  it.each(CASES)('in the first set-up of the README: %s', async (_, setUp) => {
    const options = 'code' in setUp ? setUp.code : '';
    const env = 'env' in setUp ? environmentOf(setUp) : { ...UNSET, ...rightFor(ledger) };
    expect(await told(setUp, ['--import', firstSetUp(options), 'app.js'], env)).toHaveLength(1);
  });

  it.each(CASES)('with --import alone: %s', async (_, setUp) => {
    const lines = await told(setUp, ['--import', REGISTER, 'app.js'], environmentOf(setUp));
    expect(lines).toHaveLength(1);
  });

  it.each(CASES)('in doctor: %s', async (_, setUp) => {
    const cli = 'node_modules/opentelemetry-exporter-immutablelog/dist/cli/bin.js';
    const lines = await told(setUp, [cli, 'doctor', '--no-send'], environmentOf(setUp));
    expect(lines).toEqual([expect.stringMatching(/^problem: /)]);
  });

  it('also where several variables are wrong, at the start of a program', async () => {
    const env = {
      ...UNSET,
      ...rightFor(ledger),
      IMTBL_TIMEOUT_MS: '5s',
      IMTBL_LOGS: 'x',
      IMTBL_A: 'y',
    };
    const says = /IMTBL_TIMEOUT_MS is ignored.*; IMTBL_LOGS is ignored.*; IMTBL_A is ignored/;
    for (const imported of [firstSetUp(''), REGISTER]) {
      const { err } = await runScript('--import', {
        args: [imported, 'app.js'],
        cwd: project,
        env,
      });
      expect(err.split('\n').filter((line) => line.includes('is ignored'))).toEqual([
        expect.stringMatching(says),
      ]);
    }
  });
});
