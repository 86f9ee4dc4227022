import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { connect } from 'node:net';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { generate } from 'selfsigned';
import { Agent } from 'undici';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { testClient, testEmulator } from '../support/test-client.ts';

const event = { eventName: 'payment.captured', payload: { amount: 9_900 } };

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  // An address of a listening TCP server is never a path.
  return (server.address() as AddressInfo).port;
}

/** A proxy that opens tunnels to one port, whatever host it is asked for. */
async function tunnelProxy(targetPort: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createHttpServer();
  proxy.on('connect', (request, client) => {
    asked.push(request.url ?? '');
    const target = connect(targetPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    client.on('error', () => target.destroy());
    target.on('error', () => client.destroy());
  });
  const port = await listen(proxy);
  return { url: `http://127.0.0.1:${port}`, asked };
}

describe('the way to the ledger', () => {
  it('goes through the proxy that HTTP_PROXY names', async () => {
    const emulator = await testEmulator({ allowHosts: ['ledger.test'] });
    const proxy = await tunnelProxy(Number(new URL(emulator.url).port));
    vi.stubEnv('HTTP_PROXY', proxy.url);
    const client = testClient('http://ledger.test', { allowInsecure: true });
    await expect(client.send(event)).resolves.toMatchObject({ duplicate: false });
    expect(proxy.asked).toEqual(['ledger.test:80']);
    expect(emulator.events()).toHaveLength(1);
  });

  it('opens one tunnel through the proxy for one event after another', async () => {
    const emulator = await testEmulator({ allowHosts: ['ledger.test'] });
    const proxy = await tunnelProxy(Number(new URL(emulator.url).port));
    vi.stubEnv('HTTP_PROXY', proxy.url);
    const client = testClient('http://ledger.test', { allowInsecure: true });
    for (let round = 0; round < 10; round += 1) await client.send(event);
    expect(proxy.asked).toHaveLength(1);
  });

  it('does not go through a proxy on loopback, nor to a host in NO_PROXY', async () => {
    const emulator = await testEmulator();
    const proxy = await tunnelProxy(Number(new URL(emulator.url).port));
    vi.stubEnv('HTTP_PROXY', proxy.url);
    vi.stubEnv('NO_PROXY', 'ledger.test');
    const direct = testClient(emulator.url);
    await direct.send(event);
    const exempt = testClient('http://ledger.test', {
      allowInsecure: true,
      retry: { maxRetries: 0 },
    });
    await expect(exempt.send(event)).rejects.toMatchObject({ name: 'ExporterError' });
    expect(proxy.asked).toEqual([]);
  });

  it('refuses a certificate that nobody vouches for, stops, and names the cause', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const server = createHttpsServer({ key, cert }, (_request, response) => response.end('{}'));
    const port = await listen(server);
    const client = testClient(`https://127.0.0.1:${port}`);
    await expect(client.send(event)).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringMatching(/DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_CERT/),
    });
    expect(client.stats().halted).toBe('misconfigured');
  });

  it('uses the dispatcher it is given, and leaves it open', async () => {
    const emulator = await testEmulator();
    const dispatcher = new Agent();
    onTestFinished(() => dispatcher.close());
    const first = testClient(emulator.url, { dispatcher });
    await first.send(event);
    await first.close();
    const second = testClient(emulator.url, { dispatcher });
    await expect(second.send(event)).resolves.toMatchObject({ duplicate: false });
  });

  it('takes a dispatcher that is closed for a network error, not for a crash', async () => {
    const emulator = await testEmulator();
    const dispatcher = new Agent();
    await dispatcher.close();
    const client = testClient(emulator.url, { dispatcher, retry: { maxRetries: 0 } });
    await expect(client.send(event)).rejects.toMatchObject({ code: 'retries_exhausted' });
  });

  it('keeps its connections and opens no more than the concurrency', async () => {
    const emulator = await testEmulator();
    let connections = 0;
    const front = await tunnel(Number(new URL(emulator.url).port), () => {
      connections += 1;
    });
    const client = testClient(front, { concurrency: 3 });
    const events = Array.from({ length: 300 }, (_, index) => ({ ...event, payload: { index } }));
    const results = await client.sendBatch(events);
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(connections).toBeLessThanOrEqual(3);
  });

  it('sends nothing again that was answered while this process stood still', async () => {
    const { url, answered } = await serverInThread();
    const timeoutMs = 500;
    const client = testClient(url, { timeoutMs });
    const send = (count: number) =>
      Promise.all(Array.from({ length: count }, () => client.send(event)));
    await send(32);
    // Fewer than there are connections by now, so that each is written at once.
    const sent = send(10);
    await new Promise((resolve) => setImmediate(resolve));
    const before = client.stats();
    const startedAt = performance.now();
    while (answered() < 42 && performance.now() - startedAt < 10_000);
    while (performance.now() - startedAt < timeoutMs + 100);
    await sent;
    expect(client.stats().retries).toBe(before.retries);
    expect(client.stats().accepted).toBe(42);
  });

  it('sends the documented headers and the extra ones, and no more of its own', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { headers: { 'x-tenant': 'blue' } });
    await client.send({ ...event, idempotencyKey: 'key-1', requestId: 'request-1' });
    await client.send({ ...event, idempotencyKey: 'key-2', requestId: 'línea\r\nbreak' });
    const [plain, odd] = emulator.requests();
    expect(plain?.headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'key-1',
      'request-id': 'request-1',
      'x-tenant': 'blue',
      'user-agent': expect.stringMatching(/^opentelemetry-exporter-immutablelog\/\d+\.\d+\.\d+$/),
    });
    expect(odd?.headers).not.toHaveProperty('request-id');
    expect(odd?.status).toBe(202);
  });
});

/** A ledger that answers although this thread does not run. */
async function serverInThread(): Promise<{ url: string; answered: () => number }> {
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const server = require('node:http').createServer((request, response) => {
      response.on('finish', () => Atomics.add(workerData, 0, 1));
      request.resume().on('end', () => response.writeHead(202).end('{"ok":true}'));
    });
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;
  const thread = new Worker(source, { eval: true, workerData: answered });
  onTestFinished(() => void thread.terminate());
  const [port] = await once(thread, 'message');
  return { url: `http://127.0.0.1:${port}`, answered: () => Atomics.load(answered, 0) };
}

/** Counts connections on the way to a port. */
async function tunnel(targetPort: number, onConnection: () => void): Promise<string> {
  const { createServer } = await import('node:net');
  const server = createServer((client) => {
    onConnection();
    const target = connect(targetPort, '127.0.0.1');
    client.pipe(target).pipe(client);
    client.on('error', () => target.destroy());
    target.on('error', () => client.destroy());
  });
  return `http://127.0.0.1:${await listen(server)}`;
}
