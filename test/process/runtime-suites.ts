import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Emulator, Fault } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import type { RunOn } from '../support/runtimes.ts';
import { TEST_KEY } from '../support/test-client.ts';

const FIXTURE = 'test/process/fixtures/runtime-client.js';
/** Waits between retries that outlive every test. */
const PATIENCE = {
  deadlineMs: 3_600_000,
  retry: { initialDelayMs: 600_000, maxDelayMs: 600_000 },
};

/** What the fixture says at its end. */
interface Told {
  readonly result: unknown;
  readonly stats: Readonly<Record<string, unknown>>;
}

/** The rules that the client keeps to in another runtime, as far as that could break them. */
export function clientSuite(run: RunOn): void {
  let ledger: Emulator;

  beforeEach(async () => {
    ledger = await createEmulator({ apiKey: TEST_KEY });
  });

  afterEach(() => ledger.close());

  /** Runs a task of the fixture, whose process ends by itself. */
  const told = async (
    task: string,
    options: object = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<Told> => {
    const { exit, out, err } = await run(FIXTURE, {
      args: [task, JSON.stringify(options)],
      env: { IMTBL_URL: ledger.url, IMTBL_API_KEY: TEST_KEY, ...env },
    });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    const { result, stats, warnings } = JSON.parse(out);
    // Told where delivery could not have a thread of its own.
    expect(warnings.filter((text: string) => /thread/.test(text))).toEqual([]);
    return { result, stats };
  };

  it('sends an event and gives its receipt', async () => {
    const { result, stats } = await told('send');
    const [entry] = ledger.events();
    expect(result).toMatchObject({ txId: entry?.txId, status: 'accepted', duplicate: false });
    expect(stats).toEqual({ emitted: 1, accepted: 1, retries: 0, spooled: 0, inFlight: 0 });
    expect(ledger.violations()).toEqual([]);
    expect(ledger.requests()[0]?.headers['user-agent']).toMatch(/^opentelemetry-exporter-immut/);
  });

  it('sends one event after another, and a batch at once', async () => {
    expect((await told('sendInTurn')).stats).toMatchObject({ accepted: 20, retries: 0 });
    expect((await told('sendBatch')).result).toBe(40);
    expect(ledger.events()).toHaveLength(60);
  });

  it('ends by itself when all is sent that nobody awaits', async () => {
    expect((await told('sendAsync')).stats).toMatchObject({ emitted: 10, accepted: 10 });
    expect(ledger.events()).toHaveLength(10);
  });

  it('has everything in the ledger after flush() and after close()', async () => {
    expect((await told('flush')).result).toBe(10);
    const { result, stats } = await told('close');
    expect(result).toMatch(/^shutdown: /);
    expect(stats).toMatchObject({ emitted: 11, accepted: 10, shutdown: 1, inFlight: 0 });
  });

  it.each<[string, Fault, string, object]>([
    ['400', { status: 400 }, 'rejected', { rejected: 1 }],
    ['429', { status: 429 }, 'quota_exhausted', { halted: 'quota' }],
    ['403', { status: 403 }, 'unauthorized', { halted: 'misconfigured' }],
    [
      'a redirect',
      { status: 307, headers: { location: 'http://127.0.0.1:9/' } },
      'unauthorized',
      { halted: 'misconfigured' },
    ],
    [
      'a web page',
      { status: 200, body: '<!doctype html>', headers: { 'content-type': 'text/html' } },
      'unauthorized',
      { halted: 'misconfigured' },
    ],
  ])('takes %s for what it is', async (_what, fault, code, stats) => {
    ledger.fail({ ...fault, times: Infinity });
    // Less than the wait before a refused event is tried again.
    const ended = await told('send', { deadlineMs: 10_000 });
    expect(ended.result).toMatch(new RegExp(`^${code}: `));
    expect(ended.stats).toMatchObject(stats);
    expect(ledger.requests()).toHaveLength(1);
  });

  it.each<[string, readonly Fault[], object]>([
    ['500', [{ status: 500 }], {}],
    ['a connection that is cut', [{ reset: 'before' }, { reset: 'after' }], {}],
    ['no answer in time', [{ hang: true }], { timeoutMs: 500 }],
  ])('repeats an event under its key after %s', async (_what, faults, options) => {
    ledger.fail(faults);
    const { stats } = await told('send', options);
    expect(stats).toMatchObject({ accepted: 1, retries: faults.length });
    expect(ledger.events()).toHaveLength(1);
    const keys = ledger.requests().map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(1);
  });

  it('gives up an event when the signal of its caller fires', async () => {
    ledger.fail({ hang: true, times: Infinity });
    const { result, stats } = await told('sendUntil', PATIENCE);
    expect(result).toMatch(/^aborted: /);
    expect(stats).toMatchObject({ aborted: 1, inFlight: 0 });
  });

  it('closes within its time although the ledger hangs', async () => {
    ledger.fail({ hang: true, times: Infinity });
    const options = { ...PATIENCE, timeoutMs: 3_600_000, shutdownTimeoutMs: 200 };
    expect((await told('close', options)).stats).toMatchObject({ shutdown: 11, inFlight: 0 });
  });

  it('ends by itself while events wait for their next attempt', async () => {
    ledger.fail({ status: 503, times: Infinity });
    await told('sendAsync', { ...PATIENCE, shutdownTimeoutMs: 200 });
    expect(ledger.requests().length).toBeGreaterThanOrEqual(10);
  });
}
