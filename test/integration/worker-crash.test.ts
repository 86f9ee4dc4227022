import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../../src/emulator/index.ts';
import { Counters } from '../../src/telemetry/counters.ts';
import { expectBalance } from '../support/balance.ts';
import { eventually } from '../support/eventually.ts';
import type { FragileClient } from '../support/fragile-client.ts';
import { fragileClient, fragileThread } from '../support/fragile-client.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { manualClock } from '../support/manual-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testEmulator } from '../support/test-client.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const COUNT = 300;
/** What a thread may take to answer, and to end, on top of what it was given. */
const GRACE_MS = 500;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** The kinds of what was said of the thread, in order. */
function said({ diagnostics }: FragileClient): readonly string[] {
  return diagnostics.notices.map(({ code }) => code).filter((code) => code.startsWith('worker'));
}

/** How many different requests were made under each key. */
function wordings(requests: readonly RecordedRequest[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { headers, body } of requests) {
    const key = String(headers['idempotency-key']);
    found.set(key, (found.get(key) ?? new Set()).add(body));
  }
  return found;
}

describe('a thread that dies', () => {
  it.each([
    ['throw', 'TypeError'],
    ['exit', 'exit code 7'],
    ['memory', 'ERR_WORKER_OUT_OF_MEMORY'],
  ] as const)('by "%s" costs no event and makes none twice', async (how, detail) => {
    const emulator = await testEmulator();
    emulator.fail({ delayMs: 5, ...ALWAYS });
    const client = fragileClient(emulator.url, fragileThread({ how, after: 50, times: 1 }));
    const outcomes = await Promise.all(numbers(COUNT).map((index) => client.submit(index)));
    expect(outcomes.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
    expect(emulator.events()).toHaveLength(COUNT);
    const requests = wordings(emulator.requests());
    expect(requests.size).toBe(COUNT);
    expect([...requests.values()].filter(({ size }) => size !== 1)).toEqual([]);
    expect(client.diagnostics.notices).toEqual([{ code: 'worker_died', detail }]);
    expect(client.core.stats()).toMatchObject({ emitted: COUNT, accepted: COUNT, inFlight: 0 });
    expect(client.core.stats().pendingBytes).toBe(0);
    expectBalance(client.core.stats());
  });

  it('again and again is given up, with one warning, for the main thread', async () => {
    const emulator = await testEmulator();
    emulator.fail({ delayMs: 30, ...ALWAYS });
    const thread = fragileThread({ how: 'exit', after: 1, times: 1_000 });
    const client = fragileClient(emulator.url, thread, { concurrency: 4 });
    await Promise.all(numbers(COUNT).map((index) => client.submit(index)));
    expect(said(client)).toEqual([...Array(4).fill('worker_died'), 'worker_unavailable']);
    expect(emulator.events()).toHaveLength(COUNT);
    expect(client.core.stats()).toMatchObject({ accepted: COUNT, inFlight: 0, pendingBytes: 0 });
    await client.submit(COUNT);
    await client.core.flush();
    expect(client.core.stats()).toMatchObject({ accepted: COUNT + 1 });
    expectBalance(client.core.stats());
  });

  it('ends with close() all the same, in time', async () => {
    const emulator = await testEmulator();
    emulator.fail({ hang: true, ...ALWAYS });
    const thread = fragileThread({ how: 'exit', after: 1, times: 1_000, delay: 50 });
    const clock = manualClock();
    const client = fragileClient(emulator.url, thread, { shutdownTimeoutMs: 100 }, clock);
    const outcomes = Promise.all(numbers(50).map((index) => client.submit(index)));
    await eventually(() => said(client).length === 1);
    const closed = client.core.close();
    await clock.advance(100 + GRACE_MS + GRACE_MS);
    await closed;
    expect((await outcomes).every(({ kind }) => kind === 'dropped')).toBe(true);
    expect(client.core.stats()).toMatchObject({ inFlight: 0, dropped: { shutdown: 50 } });
  });
});

describe('a thread that answers no more', () => {
  it('does not hold up close()', async () => {
    const emulator = await testEmulator();
    emulator.fail({ delayMs: 300, ...ALWAYS });
    const thread = fragileThread({ how: 'block', after: 1, times: 1 });
    const clock = manualClock();
    const client = fragileClient(emulator.url, thread, { shutdownTimeoutMs: 600 }, clock);
    const outcomes = Promise.all(numbers(100).map((index) => client.submit(index)));
    const closed = client.core.close();
    await clock.advance(600 + GRACE_MS + GRACE_MS);
    await closed;
    await outcomes;
    expect(client.core.stats()).toMatchObject({ inFlight: 0, dropped: { shutdown: 100 } });
    expectBalance(client.core.stats());
  });

  it('does not hold up who ends a send', async () => {
    const emulator = await testEmulator();
    emulator.fail({ hang: true, ...ALWAYS });
    const thread = fragileThread({ how: 'block', after: 1, times: 1, delay: 300 });
    const client = fragileClient(emulator.url, thread);
    const scope = client.core.adopt('process');
    const outcome = client.submit(1, { scope });
    await eventually(() => emulator.requests().length === 1);
    scope.abort('aborted');
    expect(await outcome).toMatchObject({ kind: 'dropped', reason: 'aborted' });
  });
});

describe('a thread that cannot be had', () => {
  it('is replaced by the main thread, with one warning that says why', async () => {
    const emulator = await testEmulator();
    const file = new URL('./fixtures/no-such-file.js', import.meta.url);
    const client = fragileClient(emulator.url, { file });
    await Promise.all(numbers(20).map((index) => client.submit(index)));
    await client.core.flush();
    expect(client.diagnostics.notices).toEqual([
      { code: 'worker_unavailable', detail: 'MODULE_NOT_FOUND' },
    ]);
    expect(emulator.events()).toHaveLength(20);
    expect(client.core.stats()).toMatchObject({ accepted: 20, inFlight: 0 });
  });
});

describe('a thread with a spool that dies', () => {
  it.each(['throw', 'exit', 'memory'] as const)(
    'by "%s" while events are being stored loses none and counts none twice',
    async (how) => {
      const emulator = await testEmulator();
      const spool = { directory: temporaryFolder() };
      const thread = fragileThread({ how, after: 100, times: 1, delay: 1 });
      const client = fragileClient(emulator.url, thread, { spool });
      const outcomes = await Promise.all(numbers(1_000).map((index) => client.submit(index)));
      expect(outcomes.filter(({ kind }) => kind !== 'spooled')).toEqual([]);
      expectBalance(client.core.stats());
      await eventually(() => client.core.stats().spool?.events === 0);
      expect(said(client)).toEqual(['worker_died']);
      expect(emulator.events()).toHaveLength(1_000);
      expect(client.core.stats()).toMatchObject({
        emitted: 1_000,
        accepted: 1_000,
        recovered: 0,
        spooled: 0,
        inFlight: 0,
      });
      expectBalance(client.core.stats());
    },
  );

  it.each([
    ['throw', 350, 1, 40],
    ['exit', 120, 2, 25],
    ['memory', 500, 3, 10],
    ['exit', 450, 3, 55],
  ] as const)(
    'by "%s" while events leave the disk counts and tells none twice (%d events, %d times)',
    async (how, after, times, delay) => {
      const emulator = await testEmulator();
      emulator.fail({ delayMs: 2, ...ALWAYS });
      const receipts: string[] = [];
      const thread = fragileThread({ how, after, times, delay });
      const client = fragileClient(emulator.url, thread, {
        spool: { directory: temporaryFolder() },
        onReceipt: ({ idempotencyKey }) => void receipts.push(idempotencyKey),
      });
      for (let from = 0; from < 800; from += 100) {
        await Promise.all(numbers(100).map((index) => client.submit(from + index)));
      }
      await eventually(() => client.core.stats().spool?.events === 0);
      await client.core.close();
      expect(emulator.events()).toHaveLength(800);
      const counted = { emitted: 800, accepted: 800, recovered: 0, spooled: 0, inFlight: 0 };
      expect(client.core.stats()).toMatchObject(counted);
      expect(receipts).toHaveLength(800);
      expect(new Set(receipts).size).toBe(800);
    },
  );

  it('leaves what is on disk to the next thread, on the accounts it was on', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 503, ...ALWAYS });
    const spool = { directory: temporaryFolder() };
    const thread = fragileThread({ how: 'exit', after: 201, times: 1 });
    const client = fragileClient(emulator.url, thread, { spool });
    const counters = new Counters(client.core.counters);
    const source = { counters, sourceId: client.core.enrol(counters) };
    await Promise.all(numbers(100).map((index) => client.submit(index)));
    await Promise.all(numbers(100).map((index) => client.submit(100 + index, source)));
    await client.submit(200);
    await eventually(() => said(client).length === 1);
    await eventually(() => client.core.stats().spool?.adopted === 201);
    expect(client.core.stats()).toMatchObject({ emitted: 201, spooled: 201, recovered: 0 });
    emulator.heal();
    await eventually(() => client.core.stats().accepted === 201);
    expect(client.core.stats()).toMatchObject({ emitted: 201, spooled: 0 });
    expect(counters.stats()).toMatchObject({ emitted: 100, accepted: 100, spooled: 0 });
    expect(emulator.events()).toHaveLength(201);
    expect(client.diagnostics.notices.map(({ code }) => code)).not.toContain('spool_recovered');
  });

  it('tells who awaits an event in the ledger all the same', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 503, ...ALWAYS });
    const spool = { directory: temporaryFolder() };
    const thread = fragileThread({ how: 'exit', after: 1, times: 1, delay: 300 });
    const client = fragileClient(emulator.url, thread, { spool });
    const outcome = await client.submit(1, { awaited: true });
    await eventually(() => said(client).length === 1);
    emulator.heal();
    const delivered = outcome.kind === 'spooled' ? outcome.delivered : undefined;
    expect(await delivered).toMatchObject({
      kind: 'accepted',
      receipt: { idempotencyKey: 'key-1' },
    });
    await eventually(() => client.core.stats().spool?.events === 0);
    expect(client.core.stats()).toMatchObject({ emitted: 1, accepted: 1, spooled: 0 });
    expect(emulator.events()).toHaveLength(1);
    expectBalance(client.core.stats());
  });

  it('counts what an earlier process left, once', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 503, ...ALWAYS });
    const spool = { directory: temporaryFolder() };
    const calm = fragileThread({ how: 'exit', after: 1, times: 0 });
    const earlier = fragileClient(emulator.url, calm, { spool, shutdownTimeoutMs: 100 });
    await Promise.all(numbers(50).map((index) => earlier.submit(index)));
    await earlier.core.close();
    const thread = fragileThread({ how: 'exit', after: 20, times: 1, delay: 300 });
    const client = fragileClient(emulator.url, thread, { spool });
    await Promise.all(numbers(20).map((index) => client.submit(50 + index)));
    await eventually(() => client.core.stats().recovered === 50);
    await eventually(() => said(client).length === 1);
    await eventually(() => client.core.stats().spool?.adopted === 70);
    expect(client.core.stats()).toMatchObject({ emitted: 70, recovered: 50, spooled: 70 });
    emulator.heal();
    await eventually(() => client.core.stats().accepted === 70);
    expectBalance(client.core.stats());
    expect(emulator.events()).toHaveLength(70);
  });

  it('again and again leaves all to the main thread', async () => {
    const emulator = await testEmulator({ apiKey: TEST_KEY });
    const spool = { directory: temporaryFolder() };
    const thread = fragileThread({ how: 'exit', after: 1, times: 1_000 });
    const client = fragileClient(emulator.url, thread, { spool });
    let count = 0;
    while (!said(client).includes('worker_unavailable')) {
      const from = count;
      const deaths = said(client).length;
      count += 20;
      await Promise.all(numbers(20).map((index) => client.submit(from + index)));
      await eventually(() => said(client).length > deaths);
    }
    await Promise.all(numbers(20).map((index) => client.submit(count + index)));
    count += 20;
    await eventually(() => client.core.stats().accepted === count);
    expect(said(client).at(-1)).toBe('worker_unavailable');
    expect(client.core.stats()).toMatchObject({ emitted: count, recovered: 0, spooled: 0 });
    expectBalance(client.core.stats());
    expect(emulator.events()).toHaveLength(count);
  });
});

describe('delivery that can be had nowhere', () => {
  it('ends its events at once, and the process goes on', async () => {
    const missing = { file: pathToFileURL(join(temporaryFolder(), 'missing.mjs')) };
    const endpoint = { origin: 'no origin', path: '/v1/events', loopback: true };
    const client = fragileClient('http://127.0.0.1:1', missing, {}, systemClock, { endpoint });
    const outcomes = await Promise.all(numbers(3).map((index) => client.submit(index)));
    expect(outcomes).toMatchObject(numbers(3).map(() => ({ reason: 'unauthorized' })));
    await client.core.flush();
    expect(said(client)).toEqual(['worker_unavailable']);
    expect(client.core.stats()).toMatchObject({ emitted: 3, inFlight: 0, halted: 'misconfigured' });
    expectBalance(client.core.stats());
  });
});
