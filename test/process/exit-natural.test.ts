import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { MODES } from '../support/modes.ts';
import { API_KEY } from '../support/otel-setup.ts';
import type { ScriptResult } from '../support/run-script.ts';
import { runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const FIXTURES = 'test/process/fixtures';
/** Far more than an exit takes on a busy machine, far less than any wait that is asked for below. */
const EXIT_MS = 90_000;
/** Waits between retries that outlive every test. */
const PATIENCE = {
  deadlineMs: 3_600_000,
  retry: { maxRetries: 5, initialDelayMs: 600_000, maxDelayMs: 600_000 },
};

let emulator: Emulator;
let worker: boolean;

beforeEach(async () => {
  emulator = await createEmulator({ apiKey: API_KEY });
});

afterEach(async () => {
  await emulator.close();
});

function environment(): Record<string, string> {
  return {
    IMTBL_URL: emulator.url,
    IMTBL_API_KEY: API_KEY,
    IMTBL_SERVICE_NAME: 'fixture',
    IMTBL_WORKER: String(worker),
  };
}

function run(script: string, ...args: readonly unknown[]): Promise<ScriptResult> {
  return runScript(`${FIXTURES}/${script}`, {
    args: args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))),
    env: environment(),
    timeoutMs: EXIT_MS,
  });
}

describe.each(MODES)('with delivery %s:', { timeout: 2 * EXIT_MS }, (_where, mode) => {
  beforeEach(() => {
    worker = mode.worker ?? false;
  });

  describe('a process that never shuts the exporters down', () => {
    it('exits when it made them and did nothing else', async () => {
      expect(await run('never-shut-down.js', 0)).toMatchObject({ exit: 0, out: 'emitted\n' });
    });

    it('exits when its events are in the ledger, idle sockets open', async () => {
      expect(await run('never-shut-down.js', 10)).toMatchObject({ exit: 0, out: 'emitted\n' });
      expect(emulator.events()).toHaveLength(30);
      expect(emulator.violations()).toEqual([]);
    });

    it('exits while events wait for their next attempt, the ledger in trouble', async () => {
      emulator.fail({ status: 503, times: Infinity });
      expect(await run('never-shut-down.js', 10, PATIENCE)).toMatchObject({ exit: 0 });
      expect(emulator.requests().length).toBeGreaterThanOrEqual(30);
    });

    it('exits while events wait for their next attempt, the ledger refusing connections', async () => {
      await emulator.close();
      expect(await run('never-shut-down.js', 10, PATIENCE)).toMatchObject({ exit: 0 });
    });

    it('exits after shutdownTimeoutMs when the ledger hangs, however long attempts take', async () => {
      emulator.fail({ hang: true, times: Infinity });
      const options = { ...PATIENCE, timeoutMs: 3_600_000, shutdownTimeoutMs: 300 };
      const result = await run('never-shut-down.js', 10, options);
      expect(result).toMatchObject({ exit: 0, out: 'emitted\n' });
      // How many requests get out before their time is over is up to the machine; none goes twice.
      const keys = emulator.requests().map(({ headers }) => headers['idempotency-key']);
      expect(new Set(keys).size).toBe(keys.length);
    });

    it('exits once its events are in the ledger, which was in trouble at first', async () => {
      emulator.fail({ status: 503, times: 20 });
      const options = { retry: { maxRetries: 5, initialDelayMs: 200 } };
      expect(await run('never-shut-down.js', 10, options)).toMatchObject({ exit: 0 });
      expect(emulator.events()).toHaveLength(30);
    });
  });

  describe('a script that awaits an event', () => {
    it('stays alive through refused connections until the event is in the ledger', async () => {
      const port = Number(new URL(emulator.url).port);
      await emulator.close();
      let reopened: Promise<Emulator> | undefined;
      const retry = { maxRetries: 1_000, initialDelayMs: 40, maxDelayMs: 40 };
      const result = await runScript(`${FIXTURES}/await-send.js`, {
        args: [JSON.stringify({ apiKey: API_KEY, url: emulator.url, retry })],
        env: environment(),
        timeoutMs: EXIT_MS,
        onOutput: (out) => {
          if (out.includes('retrying')) reopened ??= createEmulator({ port });
        },
      });
      emulator = (await reopened) ?? emulator;
      expect(result.exit).toBe(0);
      expect(result.out).toMatch(/^retrying\n[^]*sealed accepted\n/);
      expect(emulator.events()).toHaveLength(1);
    });

    it('stays alive until an event that went by way of the disk is in the ledger', async () => {
      emulator.fail({ delayMs: 800, times: Infinity });
      const spool = { directory: temporaryFolder() };
      const result = await run('await-send.js', { spool });
      expect(result.exit).toBe(0);
      expect(result.out).toMatch(/sealed accepted\n/);
    });

    it('stays alive until the event is given up', async () => {
      await emulator.close();
      const options = { retry: { maxRetries: 3, initialDelayMs: 50 } };
      const result = await run('await-send.js', options);
      expect(result.exit).toBe(0);
      expect(result.out).toMatch(/lost retries_exhausted\n/);
    });

    it('stays alive until the deadline of a ledger that hangs', async () => {
      emulator.fail({ hang: true, times: Infinity });
      const result = await run('await-send.js', { timeoutMs: 300, deadlineMs: 500 });
      expect(result.exit).toBe(0);
      expect(result.out).toMatch(/lost (deadline|retries_exhausted)\n/);
    });

    it.each(['flush', 'close'])('stays alive until its %s is over', async (ending) => {
      emulator.fail({ delayMs: 100, times: Infinity });
      const result = await run('await-flush.js', ending);
      expect(result).toMatchObject({ exit: 0, out: 'accepted 100\n' });
      expect(emulator.events()).toHaveLength(100);
    });
  });

  describe('NodeSDK', () => {
    it('has everything in the ledger when its shutdown is over', async () => {
      emulator.fail({ delayMs: 20, times: Infinity });
      // More than a batch of the SDK holds.
      expect(await run('node-sdk.js', 600)).toMatchObject({ exit: 0, err: '' });
      const signals = emulator.events().map(({ payload }) => JSON.parse(payload).signal);
      expect(signals.filter((signal) => signal === 'span')).toHaveLength(600);
      expect(signals.filter((signal) => signal === 'log')).toHaveLength(600);
      expect(emulator.violations()).toEqual([]);
    });
  });

  describe('a CommonJS program', () => {
    it('can require the package and its emulator', async () => {
      const result = await run('common-js.cjs');
      expect(result).toMatchObject({ exit: 0, out: 'accepted 1 true\n' });
    });
  });
});
