import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientOptions } from '../../src/config/options.ts';
import type { ImmutableLogClient } from '../../src/index.ts';
import { expectBalance } from '../support/balance.ts';
import { MODES } from '../support/modes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testClient, testEmulator } from '../support/test-client.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const event = (index: number, eventName = 'payment.captured') => ({
  eventName,
  idempotencyKey: `key-${index}`,
  payload: { index },
});

/** Where the clients of a test deliver. */
let mode: ClientOptions;

function spooling(url: string, directory: string, options: ClientOptions = {}): ImmutableLogClient {
  return testClient(url, { spool: { directory }, ...mode, ...options });
}

async function recordMany(client: ImmutableLogClient, from: number, to: number): Promise<void> {
  const indices = Array.from({ length: to - from }, (_, offset) => from + offset);
  await Promise.all(indices.map((index) => client.record(event(index))));
}

function quarantineLines(directory: string): readonly Record<string, unknown>[] {
  const folder = join(directory, 'quarantine');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const keysIn = (entries: readonly { readonly idempotencyKey: string }[]): readonly string[] =>
  entries.map(({ idempotencyKey }) => idempotencyKey);

describe.each(MODES)('a client with a spool, delivering %s,', (_where, chosen) => {
  beforeEach(() => {
    mode = chosen;
  });

  it('delivers what it records, and leaves nothing on disk', async () => {
    const directory = temporaryFolder();
    const emulator = await testEmulator();
    const client = spooling(emulator.url, directory);
    await recordMany(client, 0, 200);
    await client.flush();
    expect(emulator.events()).toHaveLength(200);
    expect(client.stats()).toMatchObject({ emitted: 200, accepted: 200, spooled: 0, inFlight: 0 });
    expectBalance(client.stats());
    await client.close();
    expect(readdirSync(join(directory, 'v1'))).toEqual([]);
  });

  it('resolves send() with the receipt of the ledger', async () => {
    const emulator = await testEmulator();
    const client = spooling(emulator.url, temporaryFolder());
    await expect(client.send(event(1))).resolves.toMatchObject({
      idempotencyKey: 'key-1',
      duplicate: false,
      txId: expect.any(String),
    });
    expect(client.stats()).toMatchObject({ accepted: 1, spooled: 0 });
  });

  it('keeps an outage of any length on disk, and delivers it oldest first', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 503, ...ALWAYS });
    const client = spooling(emulator.url, temporaryFolder(), {
      concurrency: 1,
      deadlineMs: 50,
      retry: { initialDelayMs: 400, maxDelayMs: 400 },
    });
    await recordMany(client, 0, 300);
    expect(client.stats()).toMatchObject({ spooled: 300, inFlight: 0, accepted: 0 });
    expectBalance(client.stats());
    await expect.poll(() => client.stats().spool?.breaker).toBe('open');
    emulator.heal();
    await expect.poll(() => client.stats().accepted).toBe(300);
    // One event, any of them, found out that the ledger was back.
    const [probe, ...others] = keysIn(emulator.events());
    const inOrder = Array.from({ length: 300 }, (_, i) => `key-${i}`);
    expect(others).toEqual(inOrder.filter((key) => key !== probe));
    expectBalance(client.stats());
  });

  it('lets send() wait out an outage that is longer than deadlineMs', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 503, times: 2 });
    const client = spooling(emulator.url, temporaryFolder(), { deadlineMs: 1 });
    await expect(client.send(event(1))).resolves.toMatchObject({ duplicate: false });
  });

  it('delivers in a new process what an earlier one left, once', async () => {
    const directory = temporaryFolder();
    const emulator = await testEmulator();
    emulator.fail({ status: 503, ...ALWAYS });
    const first = spooling(emulator.url, directory);
    await recordMany(first, 0, 100);
    await first.close();
    expect(first.stats()).toMatchObject({ spooled: 100, accepted: 0 });
    expectBalance(first.stats());
    emulator.heal();
    const second = spooling(emulator.url, directory);
    await expect.poll(() => second.stats().accepted).toBe(100);
    expect(second.stats()).toMatchObject({ emitted: 100, recovered: 100, spooled: 0 });
    expectBalance(second.stats());
    expect(new Set(keysIn(emulator.events())).size).toBe(100);
    expect(emulator.events()).toHaveLength(100);
  });

  it('parks everything after one 429, and delivers it after resume(), once', async () => {
    const emulator = await testEmulator();
    const client = spooling(emulator.url, temporaryFolder(), { concurrency: 4 });
    let seen = 0;
    emulator.fail({ status: 429, ...ALWAYS, when: () => (seen += 1) > 400 });
    await recordMany(client, 0, 2_000);
    await expect.poll(() => client.stats().halted).toBe('quota');
    await expect.poll(() => client.stats().parked.quota_exhausted).toBe(1_600);
    expectBalance(client.stats());
    await expect(client.send(event(2_000))).rejects.toMatchObject({ code: 'quota_exhausted' });
    expect(emulator.requests().length).toBeLessThanOrEqual(400 + 4);
    const asked = emulator.requests().map(({ headers }) => headers['idempotency-key']);
    expect(asked).not.toContain('key-2000');
    emulator.heal();
    client.resume();
    await expect.poll(() => client.stats().accepted).toBe(2_001);
    expect(new Set(keysIn(emulator.events())).size).toBe(2_001);
    expect(emulator.receipts().filter(({ duplicate }) => duplicate)).toEqual([]);
    expectBalance(client.stats());
  });

  it('delivers after a restart what a used-up quota parked', async () => {
    const directory = temporaryFolder();
    const emulator = await testEmulator();
    emulator.fail({ status: 429, ...ALWAYS });
    const first = spooling(emulator.url, directory);
    await recordMany(first, 0, 20);
    await expect.poll(() => first.stats().parked.quota_exhausted).toBe(20);
    await first.close();
    emulator.heal();
    const second = spooling(emulator.url, directory);
    await expect.poll(() => second.stats().accepted).toBe(20);
    expect(emulator.events()).toHaveLength(20);
  });

  it('parks everything while the key is refused, and asks for another one', async () => {
    const emulator = await testEmulator({ apiKey: 'key-2' });
    let key = 'key-1';
    const client = spooling(emulator.url, temporaryFolder(), { apiKey: () => key });
    await recordMany(client, 0, 20);
    await expect.poll(() => client.stats().parked.unauthorized).toBe(20);
    expectBalance(client.stats());
    expect(emulator.requests().length).toBeLessThanOrEqual(8);
    key = 'key-2';
    client.resume();
    await expect.poll(() => client.stats().accepted).toBe(20);
    expectBalance(client.stats());
  });

  it('asks for the key again when it is refused, and repeats the event once', async () => {
    const emulator = await testEmulator({ apiKey: 'key-2' });
    let asked = 0;
    const apiKey = (): string => `key-${(asked += 1)}`;
    const client = spooling(emulator.url, temporaryFolder(), { apiKey });
    await recordMany(client, 0, 20);
    await expect.poll(() => client.stats().accepted).toBe(20);
    expect(asked).toBe(2);
    expectBalance(client.stats());
  });

  it.each([400, 413, 422, 501])(
    'puts an event refused with %d into quarantine, not its neighbours',
    async (status) => {
      const directory = temporaryFolder();
      const emulator = await testEmulator();
      const refused: string[] = [];
      const client = spooling(emulator.url, directory, {
        onQuarantine: (code, { idempotencyKey, meta }) =>
          refused.push(`${code} ${idempotencyKey} ${meta['event_name']}`),
      });
      const body = JSON.stringify({ ok: false, reason: 'no mail to ana@example.com' });
      emulator.fail({
        status,
        body,
        ...ALWAYS,
        when: (request) => request.body.includes('poison'),
      });
      await recordMany(client, 0, 20);
      await expect(client.send(event(20, 'poison'))).rejects.toMatchObject({
        code: 'rejected',
        status,
      });
      await recordMany(client, 21, 40);
      await expect.poll(() => client.stats().accepted).toBe(39);
      expect(client.stats()).toMatchObject({ quarantined: 1, spooled: 0 });
      expect(client.stats().spool?.quarantinedByStatus).toEqual({ [status]: 1 });
      expectBalance(client.stats());
      expect(refused).toEqual([`${status} key-20 poison`]);
      const [line, ...others] = quarantineLines(directory);
      expect(others).toEqual([]);
      expect(line).toMatchObject({ idempotency_key: 'key-20', status });
      expect(String(line?.['reason'])).toMatch(/^no mail to \[email/);
      expect(String(line?.['body'])).toContain('poison');
    },
  );

  it('lets the signal end the wait for an event, and not the event', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 503, ...ALWAYS });
    const client = spooling(emulator.url, temporaryFolder());
    const caller = new AbortController();
    const sent = client.send(event(1), { signal: caller.signal });
    const failure = sent.catch((error: unknown) => error);
    await expect.poll(() => client.stats().spooled).toBe(1);
    caller.abort();
    expect(await failure).toMatchObject({ code: 'aborted' });
    expect(client.stats()).toMatchObject({ spooled: 1, dropped: { aborted: 0 } });
    emulator.heal();
    await expect.poll(() => client.stats().accepted).toBe(1);
  });

  it('closes within its budget in an outage, and keeps what is left', async () => {
    const emulator = await testEmulator();
    emulator.fail({ hang: true, ...ALWAYS });
    // Without the budget it would wait for answers that never come.
    const client = spooling(emulator.url, temporaryFolder(), {
      shutdownTimeoutMs: 200,
      timeoutMs: 3_600_000,
    });
    const sent = client.send(event(0)).catch((error: unknown) => error);
    await recordMany(client, 1, 2_048);
    await client.close();
    expect(await sent).toMatchObject({ code: 'shutdown' });
    expect(client.stats()).toMatchObject({ spooled: 2_048, inFlight: 0 });
    expectBalance(client.stats());
  });

  it('refuses and counts what is above maxBytes, and takes more once there is room', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 503, ...ALWAYS });
    const spool = { directory: temporaryFolder(), maxBytes: 300_000 };
    const client = spooling(emulator.url, '', { spool });
    const payload = { text: 'x'.repeat(5_000) };
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_, index) => client.record({ ...event(index), payload })),
    );
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(100);
    expect(refused[0]).toMatchObject({ reason: { code: 'spool_full' } });
    const { spooled, dropped } = client.stats();
    expect(spooled + dropped.spool_full).toBe(200);
    expectBalance(client.stats());
    emulator.heal();
    await expect.poll(() => client.stats().accepted).toBe(spooled);
    await expect(client.record(event(999))).resolves.toBeUndefined();
  });

  it('sends from memory while the disk refuses, and says so once', async () => {
    const folder = temporaryFolder();
    const directory = join(folder, 'file');
    writeFileSync(directory, 'in the way');
    const emulator = await testEmulator();
    const client = spooling(emulator.url, directory);
    await expect(client.send(event(1))).resolves.toMatchObject({ duplicate: false });
    await expect(client.record(event(2))).resolves.toBeUndefined();
    expect(client.stats()).toMatchObject({ accepted: 2, spooled: 0 });
    emulator.fail({ status: 503, ...ALWAYS });
    await expect(client.record(event(3))).rejects.toMatchObject({ code: 'spool_full' });
    expect(client.stats()).toMatchObject({ dropped: { spool_full: 1 } });
    expectBalance(client.stats());
  });

  it('needs a spool to record', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    await expect(client.record(event(1))).rejects.toMatchObject({ code: 'config_invalid' });
    expect(client.stats().emitted).toBe(0);
  });

  it('shares a directory with other clients', async () => {
    const directory = temporaryFolder();
    const emulator = await testEmulator();
    const clients = [1, 2, 3].map(() => spooling(emulator.url, directory));
    await Promise.all(
      clients.map((client, index) => recordMany(client, index * 100, index * 100 + 100)),
    );
    await Promise.all(clients.map((client) => client.flush()));
    expect(emulator.events()).toHaveLength(300);
    for (const client of clients) {
      expect(client.stats()).toMatchObject({ accepted: 100, recovered: 0 });
    }
  });
});
