import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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

describe('a program whose bundler left the file of the thread behind', () => {
  it('delivers from the main thread, with one warning that says so', async () => {
    const folder = temporaryFolder();
    cpSync(join(REPOSITORY, 'dist'), join(folder, 'bundled'), { recursive: true });
    mkdirSync(join(folder, 'node_modules'));
    for (const name of ['undici', '@opentelemetry']) {
      const target = join(REPOSITORY, 'node_modules', name);
      symlinkSync(target, join(folder, 'node_modules', name));
    }
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    const script = join(folder, 'app.js');
    const app = `import { diag } from '@opentelemetry/api';
      import { ImmutableLogClient } from './bundled/index.js';
      const warn = (_, words) => process.stdout.write(words + '\\n');
      diag.setLogger({ error() {}, warn, info() {}, debug() {}, verbose() {} });
      const redact = { key: { id: 'k', secret: 's'.repeat(32) } };
      const client = new ImmutableLogClient({ worker: true, redact });
      const { status } = await client.send({ eventName: 'fixture.sent', payload: {} });
      process.stdout.write(status + '\\n');`;
    writeFileSync(script, app);
    const { exit, out } = await run(script);
    expect({ exit, out: out.trim().split('\n') }).toEqual({
      exit: 0,
      out: [
        'immutablelog exporter: no worker thread (MODULE_NOT_FOUND); events are delivered on the main thread',
        'accepted',
      ],
    });
    expect(emulator.events()).toHaveLength(1);
  });
});
