import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { REPOSITORY, runScript } from '../support/run-script.ts';
import type { ScriptResult } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testClient, testEmulator } from '../support/test-client.ts';

const FIXTURES = join(REPOSITORY, 'test/process/fixtures');

let emulator: Emulator;

beforeEach(async () => {
  emulator = await testEmulator();
});

function run(
  script: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<ScriptResult> {
  return runScript(script, {
    args,
    env: { IMTBL_URL: emulator.url, IMTBL_API_KEY: TEST_KEY, IMTBL_SERVICE_NAME: 's', ...env },
  });
}

describe('a program with worker: true', () => {
  it.each(['worker-app.js', 'worker-app.cjs'])('starts one thread (%s)', async (script) => {
    const result = await run(join(FIXTURES, script), ['send']);
    expect(result).toEqual({ exit: 0, out: 'thread started\naccepted\n', err: '' });
    expect(emulator.events()).toHaveLength(1);
  });

  it('has no code of its own loaded into the thread', async () => {
    const loaded = pathToFileURL(join(FIXTURES, 'say-loaded.js')).href;
    const script = join(FIXTURES, 'worker-app.js');
    const result = await run(script, ['send'], { NODE_OPTIONS: `--import=${loaded}` });
    expect(result).toEqual({
      exit: 0,
      out: 'loaded in thread 0\nthread started\naccepted\n',
      err: '',
    });
  });

  it.each([0, 20, 150, 400])(
    'has every event on disk that is not in the ledger, when it exits after %d ms',
    async (afterMs) => {
      const spool = { directory: temporaryFolder() };
      emulator.fail({ delayMs: 20, times: Infinity });
      const script = join(FIXTURES, 'worker-app.js');
      const result = await run(script, ['exit', JSON.stringify({ spool }), String(afterMs)]);
      expect(result).toMatchObject({ exit: 0, err: '' });
      emulator.heal();
      const next = testClient(emulator.url, { spool });
      await expect.poll(() => emulator.events().length, { timeout: 15_000 }).toBe(500);
      await expect.poll(() => next.stats().spooled).toBe(0);
    },
  );
});

describe('a program bundled into one file', () => {
  const words = 'immutablelog exporter: no worker thread (MODULE_NOT_FOUND); ';

  it.each([
    ['from the main thread, with one warning, where the package was left behind', false],
    ['from its thread, where the package is installed beside it', true],
  ])('delivers %s', async (_name, beside) => {
    const folder = temporaryFolder();
    const app = `import { diag } from '@opentelemetry/api';
      import { ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';
      const warn = (words) => process.stdout.write(words + '\\n');
      diag.setLogger({ error() {}, warn, info() {}, debug() {}, verbose() {} });
      const redact = { key: { id: 'k', secret: 's'.repeat(32) } };
      const client = new ImmutableLogClient({ worker: true, redact });
      const { status } = await client.send({ eventName: 'fixture.sent', payload: {} });
      process.stdout.write(status + '\\n');`;
    const source = join(folder, 'source.js');
    writeFileSync(source, app);
    const bundle = await rolldown({
      input: source,
      platform: 'node',
      resolve: {
        alias: {
          'opentelemetry-exporter-immutablelog': join(REPOSITORY, 'dist/index.js'),
          '@opentelemetry/api': join(REPOSITORY, 'node_modules/@opentelemetry/api'),
        },
      },
    });
    await bundle.write({ file: join(folder, 'app.mjs'), codeSplitting: false });
    await bundle.close();
    if (beside) {
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(REPOSITORY, join(folder, 'node_modules/opentelemetry-exporter-immutablelog'));
    }
    const { exit, out, err } = await run(join(folder, 'app.mjs'));
    const warning = `${words}events are delivered on the main thread`;
    expect({ exit, out: out.trim().split('\n'), err }).toEqual({
      exit: 0,
      out: beside ? ['accepted'] : [warning, 'accepted'],
      err: '',
    });
    expect(emulator.events()).toHaveLength(1);
  });
});
