import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import type {
  ContractViolation,
  Emulator,
  EmulatorOptions,
  LedgerEntry,
} from '../../src/emulator/index.ts';
import { HEADERS, META, headersWith, post, sampleBody } from '../support/sample-requests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const running: Emulator[] = [];

async function start(options?: EmulatorOptions): Promise<Emulator> {
  const emulator = await createEmulator(options);
  running.push(emulator);
  return emulator;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

describe('the emulator over HTTP', () => {
  it('takes an event, de-duplicates it and verifies its chain', async () => {
    const emulator = await start();
    const first = await post(emulator.url);
    expect(first.status).toBe(202);
    await expect(first.json()).resolves.toMatchObject({ ok: true, duplicate: false });
    await expect((await post(emulator.url)).json()).resolves.toMatchObject({ duplicate: true });
    expect(emulator.events()).toHaveLength(1);
    expect(emulator.receipts()).toHaveLength(2);
    expect(emulator.requests().map(({ status }) => status)).toEqual([202, 202]);
    expect(emulator.verify()).toMatchObject({ ok: true, events: 1 });
    expect(emulator.violations()).toEqual([]);
  });

  it('keeps the exact bytes of payload and meta', async () => {
    const emulator = await start();
    const payload = '{"text":"ça 😀 \\u0000 \\\\"}';
    const meta = { ...META, event_name: 'é😀' };
    await post(emulator.url, { body: JSON.stringify({ payload, meta }) });
    expect(emulator.events()[0]).toMatchObject({ payload, meta });
  });

  it('lets in its own key only, where it has one', async () => {
    const emulator = await start({ apiKey: 'iml_live_right' });
    expect((await post(emulator.url)).status).toBe(401);
    const headers = headersWith({ authorization: 'Bearer iml_live_right' });
    expect((await post(emulator.url, { headers })).status).toBe(202);
    expect(emulator.violations()).toMatchObject([{ status: 401, reason: 'invalid_api_key' }]);
  });

  it('answers 413 to a body that is too large, and serves the next request', async () => {
    const emulator = await start();
    expect((await post(emulator.url, { body: 'x'.repeat(1_000_000) })).status).toBe(413);
    expect((await post(emulator.url)).status).toBe(202);
    expect(emulator.requests()[0]?.body).toBe('');
  });

  it('cuts the connection of a body without end', async () => {
    const { url } = await start();
    const request = httpRequest(`${url}/v1/events`, { method: 'POST', headers: HEADERS });
    const failed = once(request, 'error');
    const chunk = Buffer.alloc(1024 * 1024);
    const pump = (): void => {
      while (!request.destroyed && request.write(chunk));
    };
    request.on('drain', pump);
    request.on('response', (response) => response.destroy(new Error('answered')));
    pump();
    const [error] = await failed;
    expect(error).toMatchObject({ code: expect.stringMatching(/^(?:ECONNRESET|EPIPE)$/) });
    request.destroy();
  });

  it('keeps connections alive', async () => {
    const { url } = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const body = sampleBody();
    const head = Object.entries({
      host: '127.0.0.1',
      ...HEADERS,
      'content-length': String(body.length),
    });
    const text = `POST /v1/events HTTP/1.1\r\n${head.map((pair) => pair.join(': ')).join('\r\n')}\r\n\r\n${body}`;
    for (const duplicate of [false, true]) {
      socket.write(text);
      const [answer] = await once(socket, 'data');
      expect(String(answer)).toContain(`"duplicate":${duplicate}`);
    }
    socket.destroy();
  });

  it('tells of events and of violations as they come', async () => {
    const sealed: LedgerEntry[] = [];
    const broken: ContractViolation[] = [];
    const emulator = await start({
      onEvent: (entry) => sealed.push(entry),
      onViolation: (violation) => broken.push(violation),
    });
    await post(emulator.url);
    await post(emulator.url);
    await post(emulator.url, { body: '{}' });
    expect(sealed).toEqual(emulator.events());
    expect(broken).toEqual(emulator.violations());
    expect([sealed.length, broken.length]).toEqual([1, 1]);
  });

  it('does not share anything with a second one', async () => {
    const [a, b] = await Promise.all([start(), start()]);
    a.fail({ status: 503 });
    expect((await post(b.url)).status).toBe(202);
    expect((await post(a.url)).status).toBe(503);
    expect([a.events().length, b.events().length]).toEqual([0, 1]);
    expect(a.url).not.toBe(b.url);
  });

  it('takes many events at once without a gap in the chain', async () => {
    const emulator = await start();
    const keys = Array.from({ length: 300 }, (_, n) => `key-${n}`);
    await Promise.all(
      keys.map((key) => post(emulator.url, { headers: headersWith({ 'idempotency-key': key }) })),
    );
    expect(new Set(emulator.events().map(({ idempotencyKey }) => idempotencyKey))).toEqual(
      new Set(keys),
    );
    expect(emulator.verify()).toMatchObject({ ok: true, events: 300 });
  });
});

describe('starting and closing an emulator', () => {
  it('goes on with the ledger of its directory', async () => {
    const directory = temporaryFolder();
    const before = await start({ directory });
    await post(before.url);
    await before.close();
    const after = await start({ directory });
    await expect((await post(after.url)).json()).resolves.toMatchObject({ duplicate: true });
    expect(after.events()).toEqual(before.events());
    expect(after.verify()).toMatchObject({ ok: true, events: 1 });
  });

  it('rejects with EADDRINUSE when the port is taken', async () => {
    const { url } = await start();
    await expect(createEmulator({ port: Number(new URL(url).port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it.each([
    ['0.0.0.0', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['::', /^http:\/\/\[::1\]:\d+$/],
    ['::1', /^http:\/\/\[::1\]:\d+$/],
    ['127.0.0.2', /^http:\/\/127\.0\.0\.2:\d+$/],
  ])('says how it is reached on this machine when it listens on %s', async (host, url) => {
    const emulator = await createEmulator({ host });
    onTestFinished(() => emulator.close());
    expect(emulator.url).toMatch(url);
    expect((await post(emulator.url)).status).toBe(202);
  });

  it('closes at once, and once, in spite of an open request', async () => {
    const emulator = await start();
    emulator.fail({ hang: true });
    const hanging = post(emulator.url).then(
      () => 'answered',
      () => 'cut',
    );
    await expect.poll(() => emulator.requests().length).toBe(1);
    await Promise.all([emulator.close(), emulator.close()]);
    await emulator[Symbol.asyncDispose]();
    await expect(hanging).resolves.toBe('cut');
    await expect(post(emulator.url)).rejects.toThrow(TypeError);
  });
});
