import { describe, expect, it, vi } from 'vitest';
import { ImmutableLogClient } from '../../src/client.ts';
import type { EventSummary } from '../../src/config/options.ts';
import type { Receipt } from '../../src/outcome.ts';
import { expectBalance } from '../support/balance.ts';
import { eventually } from '../support/eventually.ts';
import { MODES } from '../support/modes.ts';
import { TEST_KEY, clientIn, testEmulator } from '../support/test-client.ts';

const event = {
  eventName: 'user.created',
  type: 'success',
  payload: { user_id: 'usr_1' },
} as const;

describe.each(MODES)('ImmutableLogClient %s', (_where, mode) => {
  const testClient = clientIn(mode);

  it('sends an event and gives the receipt of the ledger', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { service: 'billing', env: 'production' });
    const receipt = await client.send({ ...event, requestId: 'req-1', trail: ' order:7 ' });
    const [entry] = emulator.events();
    expect(receipt).toEqual({
      txId: entry?.txId,
      payloadHash: entry?.payloadHash,
      duplicate: false,
      requestId: 'req-1',
      status: 'accepted',
      idempotencyKey: entry?.idempotencyKey,
    });
    expect(entry?.payload).toBe('{"user_id":"usr_1"}');
    expect(entry?.meta).toEqual({
      type: 'success',
      event_name: 'user.created',
      service: 'billing',
      env: 'production',
      environment: 'production',
      request_id: 'req-1',
      log_level: 'info',
      immutable_trail: 'order-7',
    });
  });

  it('makes no second event of one that is sent twice under one key', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    await client.send({ ...event, requestId: 'r', idempotencyKey: 'once' });
    const again = await client.send({ ...event, requestId: 'r', idempotencyKey: 'once' });
    expect(again.duplicate).toBe(true);
    expect(emulator.events()).toHaveLength(1);
    expect(client.stats()).toMatchObject({ accepted: 2, duplicates: 1 });
  });

  it('hashes personal data in the payload before it leaves', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    await client.send({ ...event, payload: { user: { email: 'user@example.com' }, plan: 'pro' } });
    const [request] = emulator.requests();
    expect(request?.body).not.toContain('user@example.com');
    // printf %s user@example.com | sha256sum
    const digest = 'b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514';
    expect(JSON.parse(emulator.events()[0]?.payload ?? '')).toEqual({
      user: { email_hash: digest },
      plan: 'pro',
    });
  });

  it.each([
    ['no event name', { payload: 1 }],
    ['an unknown type', { eventName: 'x', type: 'audit', payload: 1 }],
    ['a number in meta', { eventName: 'x', payload: 1, meta: { attempt: 3 } }],
    ['a key with a line break', { eventName: 'x', payload: 1, idempotencyKey: 'a\nb' }],
    ['nothing at all', undefined],
  ])('refuses an event with %s, with a name for it and a count', async (_what, wrong) => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    // Callers without types may pass anything.
    const given = wrong as never;
    await expect(client.send(given)).rejects.toMatchObject({
      name: 'ExporterError',
      code: 'encode_failed',
    });
    client.sendAsync(given);
    const [result] = await client.sendBatch([given]);
    expect(result).toMatchObject({ ok: false, error: { code: 'encode_failed' } });
    expect(client.stats().dropped.encode_failed).toBe(3);
    expectBalance(client.stats());
    expect(emulator.requests()).toEqual([]);
  });

  it('keeps the order of a batch in its results', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { concurrency: 8 });
    const events = Array.from({ length: 100 }, (_, index) => ({
      ...event,
      idempotencyKey: `key-${index}`,
    }));
    const results = await client.sendBatch(events);
    expect(results.map((result) => result.ok && result.receipt.idempotencyKey)).toEqual(
      events.map(({ idempotencyKey }) => idempotencyKey),
    );
    await expect(client.sendBatch([])).resolves.toEqual([]);
  });

  it('tells each outcome to the callbacks, with meta and without the payload', async () => {
    const emulator = await testEmulator();
    const receipts: [Receipt, EventSummary][] = [];
    const drops: [string, EventSummary][] = [];
    const client = testClient(emulator.url, {
      onReceipt: (receipt, summary) => receipts.push([receipt, summary]),
      onDrop: (reason, summary) => drops.push([reason, summary]),
    });
    await client.send({ ...event, idempotencyKey: 'good' });
    emulator.fail({ status: 400 });
    client.sendAsync({ ...event, idempotencyKey: 'bad' });
    await client.flush();
    expect(receipts).toMatchObject([[{ idempotencyKey: 'good' }, { idempotencyKey: 'good' }]]);
    expect(drops).toMatchObject([['rejected', { idempotencyKey: 'bad' }]]);
    expect(Object.keys(drops[0]?.[1] ?? {})).toEqual(['idempotencyKey', 'meta']);
    expect(drops[0]?.[1].meta['event_name']).toBe('user.created');
  });

  it('is not harmed by callbacks that throw or reject', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, {
      onReceipt: () => {
        throw new Error('from the callback');
      },
      onDrop: () => Promise.reject(new Error('from the callback')) as never,
    });
    await expect(client.send(event)).resolves.toMatchObject({ duplicate: false });
    emulator.fail({ status: 400 });
    await expect(client.send(event)).rejects.toMatchObject({ code: 'rejected' });
    await eventually(() => client.stats().callbackErrors === 2);
    expectBalance(client.stats());
  });

  it('ends an attempt and a wait when the signal of the caller fires', async () => {
    const emulator = await testEmulator();
    const retry = { initialDelayMs: 60_000, maxDelayMs: 60_000 };
    const client = testClient(emulator.url, { retry, deadlineMs: 200_000 });
    emulator.fail([{ hang: true }, { status: 500 }]);
    const attempt = new AbortController();
    const hanging = client.send(event, { signal: attempt.signal });
    await eventually(() => emulator.requests().length === 1);
    attempt.abort();
    await expect(hanging).rejects.toMatchObject({ code: 'aborted' });
    const wait = new AbortController();
    const waiting = client.send(event, { signal: wait.signal });
    await eventually(() => emulator.requests()[1]?.status === 500);
    wait.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    const never = client.send(event, { signal: AbortSignal.abort() });
    await expect(never).rejects.toMatchObject({ code: 'aborted' });
    expect(emulator.requests()).toHaveLength(2);
    expect(client.stats().dropped.aborted).toBe(3);
    expectBalance(client.stats());
  });

  it('turns events away that memory has no room for, and counts them', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { maxPendingBytes: 2_000 });
    emulator.fail({ delayMs: 100 });
    const payload = 'x'.repeat(500);
    const kept = client.send({ ...event, payload });
    await expect(client.send({ ...event, payload })).rejects.toMatchObject({ code: 'queue_full' });
    expect(client.stats().pendingBytes).toBeGreaterThan(500);
    await kept;
    expect(client.stats().pendingBytes).toBe(0);
  });

  it('flushes: waits between retries are cut short and everything is settled', async () => {
    const emulator = await testEmulator();
    const retry = { initialDelayMs: 60_000, maxDelayMs: 60_000 };
    const client = testClient(emulator.url, { retry, deadlineMs: 200_000 });
    emulator.fail({ status: 500, times: 10 });
    for (let index = 0; index < 10; index += 1) client.sendAsync(event);
    await eventually(
      () => emulator.requests().filter(({ status }) => status === 500).length === 10,
    );
    await client.flush();
    expect(client.stats()).toMatchObject({ accepted: 10, inFlight: 0 });
    await client.flush();
  });

  it('closes although the ledger hangs, and accounts for every event', async () => {
    const emulator = await testEmulator();
    emulator.fail({ hang: true, times: Number.POSITIVE_INFINITY });
    const client = testClient(emulator.url, { timeoutMs: 60_000, deadlineMs: 60_000 });
    const outcomes = Array.from({ length: 500 }, () => client.send(event).catch(String));
    await Promise.all([client.close(), client.close()]);
    await Promise.all(outcomes);
    expect(client.stats()).toMatchObject({ inFlight: 0, dropped: { shutdown: 500 } });
    expectBalance(client.stats());
  });

  it('refuses events after close() without a request', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    await client.close();
    await expect(client.send(event)).rejects.toMatchObject({ code: 'shutdown' });
    client.sendAsync(event);
    expect(emulator.requests()).toEqual([]);
    expect(client.stats().dropped.shutdown).toBe(2);
  });

  it('shows nothing of its key to whoever looks at it', async () => {
    const { inspect } = await import('node:util');
    const client = testClient('http://127.0.0.1:9');
    const shown = inspect(client, { depth: 10, showHidden: true }) + JSON.stringify(client);
    expect(shown).not.toContain(TEST_KEY);
  });

  it('keeps two clients of one process apart', async () => {
    const [one, two] = [await testEmulator(), await testEmulator()];
    const first = testClient(one.url);
    const second = testClient(two.url);
    one.fail({ status: 429 });
    await expect(first.send(event)).rejects.toMatchObject({ code: 'quota_exhausted' });
    await expect(second.send(event)).resolves.toMatchObject({ duplicate: false });
    expect([first.stats().halted, second.stats().halted]).toEqual(['quota', undefined]);
  });

  it('is made from the environment alone', async () => {
    const emulator = await testEmulator();
    vi.stubEnv('IMTBL_API_KEY', TEST_KEY);
    vi.stubEnv('IMTBL_URL', emulator.url);
    const client = new ImmutableLogClient(mode);
    await client.send(event);
    await client.close();
    expect(emulator.events()[0]).toMatchObject({ service: 'unknown_service', env: 'production' });
  });
});
