import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { runScript } from '../support/run-script.ts';
import { CLIENT_RUNTIMES, describeOn } from '../support/runtimes.ts';

let ledger: Emulator;

beforeEach(async () => {
  ledger = await createEmulator({ apiKey: 'local' });
});

afterEach(() => ledger.close());

const environment = (): Readonly<Record<string, string>> => ({
  IMTBL_URL: ledger.url,
  IMTBL_API_KEY: 'local',
});

const bodies = (): string =>
  ledger
    .requests()
    .map(({ body }) => body)
    .join('\n');

describeOn(CLIENT_RUNTIMES, 'the scheduled job', (run) => {
  it('leaves one event for each run, good or bad, and ends with its schedule', async () => {
    const { exit, out, err } = await run('examples/cron/main.js', { env: environment() });
    expect({ exit, out, err }).toEqual({ exit: 0, out: '3 of 3 events accepted\n', err: '' });
    expect(ledger.events().map(({ eventName, type }) => [eventName, type])).toEqual([
      ['accounts.deleted', 'success'],
      ['accounts.deleted', 'error'],
      ['accounts.deleted', 'success'],
    ]);
    const keys = ledger.requests().map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(3);
    expect(keys[0]).toMatch(/^accounts-deleted-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    expect(ledger.events()[1]?.payload).toContain('is locked');
    expect(bodies().includes('bruno@example.com')).toBe(false);
  });
});

describe('the Lambda-style handler', () => {
  const invoke = (event: object, remainingMs = 3_000): ReturnType<typeof runScript> =>
    runScript('examples/lambda/invoke.js', {
      args: [JSON.stringify(event), String(remainingMs)],
      env: environment(),
    });

  it('has its events in the ledger before it answers', async () => {
    const { exit, out, err } = await invoke({ order: 'ord_7', cents: 500 });
    expect({ exit, out, err }).toEqual({ exit: 0, out: '{"result":{"refunded":500}}\n', err: '' });
    const events = ledger.events();
    expect(events.map(({ eventName, type }) => `${eventName} ${type}`).sort()).toEqual([
      'refund success',
      'refund.paid success',
    ]);
    expect(events[0]?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(events[1]?.traceId).toBe(events[0]?.traceId);
    const paid = events.find(({ eventName }) => eventName === 'refund.paid');
    expect(paid?.meta['immutable_trail']).toBe('ord_7');
  });

  it('has them there too when it fails, and fails with the same error', async () => {
    const { out } = await invoke({ order: 'ord_8', cents: 0 });
    expect(out).toBe('{"error":"RangeError: nothing to refund"}\n');
    const names = ledger.events().map(({ eventName }) => eventName);
    expect(names.sort()).toEqual(['refund', 'refund.refused']);
  });

  it('answers within the remaining time although the ledger hangs', async () => {
    ledger.fail({ hang: true, times: Number.POSITIVE_INFINITY });
    const { exit, out } = await invoke({ order: 'ord_9', cents: 500 }, 1_000);
    // The events have 25 seconds; who waits for those is killed after 20.
    expect({ exit, out }).toEqual({ exit: 0, out: '{"result":{"refunded":500}}\n' });
    expect(ledger.events()).toEqual([]);
  });
});
