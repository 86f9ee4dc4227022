import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../../src/emulator/index.ts';
import { expectBalance } from '../support/balance.ts';
import { eventually } from '../support/eventually.ts';
import { MODES } from '../support/modes.ts';
import { clientIn, testEmulator } from '../support/test-client.ts';

const event = { eventName: 'payment.captured', payload: { amount: 9_900 } };

/** A port on loopback where nobody listens. */
async function deadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // An address of a listening TCP server is never a path.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

function wire({ headers, body }: RecordedRequest): unknown {
  return { key: headers['idempotency-key'], body };
}

describe.each(MODES)('a client %s in front of a failing ledger', (_where, mode) => {
  const testClient = clientIn(mode);

  it('repeats until accepted when the ledger answers 500', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    emulator.fail([{ status: 500 }, { status: 502 }, { status: 503 }]);
    const receipt = await client.send(event);
    expect(receipt).toMatchObject({ duplicate: false, status: 'accepted' });
    expect(emulator.requests().map(({ status }) => status)).toEqual([500, 502, 503, 202]);
    expect(new Set(emulator.requests().map((r) => JSON.stringify(wire(r)))).size).toBe(1);
    expect(client.stats()).toMatchObject({ accepted: 1, retries: 3, inFlight: 0 });
  });

  it('sends the same key and bytes again after a reset before acceptance', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    emulator.fail({ reset: 'before' });
    const receipt = await client.send(event);
    const [first, second] = emulator.requests().map(wire);
    expect(first).toEqual(second);
    expect(receipt.duplicate).toBe(false);
    expect(emulator.events()).toHaveLength(1);
  });

  it('makes no second event of a reset after acceptance', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    emulator.fail({ reset: 'after' });
    const receipt = await client.send(event);
    const [first, second] = emulator.requests().map(wire);
    expect(first).toEqual(second);
    expect(receipt.duplicate).toBe(true);
    expect(emulator.events()).toHaveLength(1);
    expect(client.stats()).toMatchObject({ accepted: 1, duplicates: 1 });
  });

  it('gives up a hanging attempt after timeoutMs and tries again', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { timeoutMs: 400 });
    emulator.fail([{ hang: true }, { hang: 'after-accept' }]);
    const receipt = await client.send(event);
    expect(receipt.duplicate).toBe(true);
    expect(emulator.events()).toHaveLength(1);
    expect(client.stats().retries).toBeGreaterThanOrEqual(2);
  });

  it('takes headers that drip in for a hanging attempt', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { timeoutMs: 400 });
    emulator.fail({ slowHeadersMs: 50 });
    await expect(client.send(event)).resolves.toMatchObject({ duplicate: true });
    expect(emulator.events()).toHaveLength(1);
  });

  it('takes 202 for an answer although its body never ends', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    emulator.fail({ endlessBody: true });
    const receipt = await client.send({ ...event, idempotencyKey: 'endless' });
    expect(receipt).toMatchObject({ idempotencyKey: 'endless', duplicate: false });
    expect(emulator.requests()).toHaveLength(1);
    expect(emulator.events()).toHaveLength(1);
  });

  it('rejects with ECONNREFUSED in its words when nobody listens', async () => {
    const client = testClient(await deadUrl(), { retry: { maxRetries: 2, initialDelayMs: 1 } });
    await expect(client.send(event)).rejects.toMatchObject({
      name: 'ExporterError',
      code: 'retries_exhausted',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(client.stats()).toMatchObject({ retries: 2, dropped: { retries_exhausted: 1 } });
    expectBalance(client.stats());
  });

  it('ends by its deadline when nobody answers', async () => {
    const emulator = await testEmulator();
    const retry = { maxRetries: 10_000, initialDelayMs: 5, maxDelayMs: 20 };
    const client = testClient(emulator.url, { deadlineMs: 150, timeoutMs: 60, retry });
    emulator.fail({ hang: true, times: Number.POSITIVE_INFINITY });
    await expect(client.send(event)).rejects.toMatchObject({ code: 'deadline' });
  });

  it.each([
    ['0', true],
    ['garbage', true],
    [new Date(0).toUTCString(), true],
    ['99999999999', false],
  ])('meets 503 with Retry-After %j without a loop of requests', async (header, again) => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { deadlineMs: 60_000 });
    emulator.fail({ status: 503, headers: { 'retry-after': header } });
    const outcome = client.send(event).then(
      () => 'accepted',
      () => 'given up',
    );
    await expect(outcome).resolves.toBe(again ? 'accepted' : 'given up');
    expect(emulator.requests()).toHaveLength(again ? 2 : 1);
  });

  it('waits the two seconds that a 503 asks for', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    emulator.fail({ status: 503, headers: { 'retry-after': '2' } });
    await client.send(event);
    const [first, second] = emulator.requests().map(({ arrivedAtMs }) => arrivedAtMs);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_990);
  });

  it('stops all traffic after one 429, until resume()', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    emulator.fail({ status: 429, times: Number.POSITIVE_INFINITY });
    for (let index = 0; index < 20; index += 1) {
      await expect(client.send(event)).rejects.toMatchObject({ code: 'quota_exhausted' });
    }
    expect(emulator.requests()).toHaveLength(1);
    expect(client.stats()).toMatchObject({ halted: 'quota', dropped: { quota_exhausted: 20 } });
    emulator.heal();
    client.resume();
    await expect(client.send(event)).resolves.toMatchObject({ duplicate: false });
    expect(emulator.requests()).toHaveLength(2);
    expectBalance(client.stats());
  });

  it('sends one request at most per socket once a 429 came in the middle of a batch', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { concurrency: 4 });
    const events = Array.from({ length: 200 }, (_, index) => ({ ...event, payload: { index } }));
    let seen = 0;
    emulator.fail({
      status: 429,
      times: Number.POSITIVE_INFINITY,
      when: () => (seen += 1) > 50,
    });
    const results = await client.sendBatch(events);
    const delivered = results.filter(({ ok }) => ok).length;
    expect(delivered).toBe(emulator.events().length);
    expect(delivered).toBe(50);
    expect(emulator.requests().length).toBeLessThanOrEqual(50 + 4);
    expectBalance(client.stats());
  });

  it('sends no more of the retries that were waiting when the quota ended', async () => {
    const emulator = await testEmulator();
    const retry = { initialDelayMs: 600_000, maxDelayMs: 600_000 };
    const client = testClient(emulator.url, { retry, deadlineMs: 3_600_000 });
    emulator.fail([{ status: 500 }, { status: 429 }]);
    const waiting = client.send(event);
    await eventually(() => emulator.requests().length === 1);
    await expect(client.send(event)).rejects.toMatchObject({ code: 'quota_exhausted' });
    void client.flush();
    await expect(waiting).rejects.toMatchObject({ code: 'quota_exhausted' });
    expect(emulator.requests()).toHaveLength(2);
  });

  it('stops all traffic after 401 and asks for the key again after resume()', async () => {
    const emulator = await testEmulator({ apiKey: 'key-2' });
    let key = 'key-1';
    const client = testClient(emulator.url, { apiKey: () => key, deadlineMs: 2_000 });
    const refused = { code: 'unauthorized', status: 401 };
    await expect(client.send(event)).rejects.toMatchObject(refused);
    const others = await client.sendBatch(Array.from({ length: 40 }, () => event));
    for (const each of others) expect(each).toMatchObject({ ok: false, error: refused });
    // The first, and five others that show whether it was to blame.
    expect(emulator.requests()).toHaveLength(6);
    expect(client.stats().halted).toBe('misconfigured');
    key = 'key-2';
    client.resume();
    await expect(client.send(event)).resolves.toMatchObject({ duplicate: false });
  });

  it('asks for the key at once after 401, and repeats the event under the same key', async () => {
    const emulator = await testEmulator({ apiKey: 'key-2' });
    let asked = 0;
    const client = testClient(emulator.url, { apiKey: () => `key-${++asked}` });
    const batch = await client.sendBatch(Array.from({ length: 64 }, () => event));
    for (const each of batch) expect(each).toMatchObject({ ok: true });
    expect(asked).toBe(2);
    const keys = emulator.requests().map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(64);
    expect(emulator.events()).toHaveLength(64);
  });

  it.each([302, 307, 404, 405, 403])('does not follow or repeat %d', async (status) => {
    const emulator = await testEmulator();
    const other = await testEmulator();
    const client = testClient(emulator.url);
    emulator.fail({ status, headers: { location: `${other.url}/v1/events` } });
    await expect(client.send(event)).rejects.toMatchObject({ code: 'unauthorized', status });
    expect(emulator.requests()).toHaveLength(1);
    expect(other.requests()).toHaveLength(0);
  });

  it.each([400, 413, 422, 501])(
    'loses one event among many to %d, not its neighbours',
    async (status) => {
      const emulator = await testEmulator();
      const client = testClient(emulator.url);
      const events = Array.from({ length: 100 }, (_, index) => ({
        ...event,
        eventName: index === 41 ? 'poison' : 'good',
        payload: { index },
      }));
      emulator.fail({
        status,
        times: Number.POSITIVE_INFINITY,
        when: ({ body }) => body.includes('poison'),
      });
      const results = await client.sendBatch(events);
      expect(results.map(({ ok }) => ok)).toEqual(events.map((_, index) => index !== 41));
      expect(results[41]).toMatchObject({ error: { code: 'rejected', status } });
      expect(emulator.events()).toHaveLength(99);
      expect(emulator.requests()).toHaveLength(100);
      expectBalance(client.stats());
    },
  );

  it('repeats a 409 once', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    emulator.fail({ status: 409 });
    await expect(client.send(event)).resolves.toMatchObject({ duplicate: false });
    emulator.fail([{ status: 409 }, { status: 409 }]);
    await expect(client.send(event)).rejects.toMatchObject({ code: 'rejected', status: 409 });
    expect(emulator.requests()).toHaveLength(4);
  });
});
