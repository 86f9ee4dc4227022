import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { generate } from 'selfsigned';
import { expect, it, onTestFinished } from 'vitest';
import type { Endpoint } from '../../src/config/values.ts';
import { requireEndpoint } from '../../src/config/values.ts';
import type { OwnedDispatcher } from '../../src/delivery/http/transport.ts';
import { HttpTransport } from '../../src/delivery/http/transport.ts';
import { TokenSource } from '../../src/delivery/token-source.ts';
import { VERSION } from '../../src/version.ts';
import { eventually } from '../support/eventually.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { manualClock } from '../support/manual-clock.ts';
import { wireRequest } from '../support/requests.ts';
import { sendContext } from '../support/send-context.ts';
import { sent } from '../support/sent.ts';

const TIMEOUT_MS = 10_000;

const RESET = Symbol('reset');

/** What a server says to its requests, in order, the last one over and over; nothing: silence. */
type Script = readonly (string | typeof RESET | undefined)[];

interface ScriptedServer {
  readonly port: number;
  /** Heads of the requests that came. */
  readonly heads: readonly string[];
  readonly connections: () => number;
  /** Resolves when so many requests have come, whole. */
  readonly came: (count: number) => Promise<void>;
  /** Says more to the last request. */
  readonly say: (text: string) => void;
  /** Resolves when a connection has been closed. */
  readonly closed: Promise<unknown>;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  // An address of a listening TCP server is never a path.
  return (server.address() as AddressInfo).port;
}

async function scriptedServer(...script: Script): Promise<ScriptedServer> {
  const heads: string[] = [];
  let connections = 0;
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let last: Socket | undefined;
  let onClosed = (): void => {};
  const closed = new Promise<void>((resolve) => (onClosed = resolve));
  const answer = (socket: Socket): void => {
    const said = script[Math.min(heads.length, script.length) - 1];
    if (said === RESET) socket.resetAndDestroy();
    else if (said !== undefined) socket.write(said);
    for (const { count, resolve } of waiting) if (heads.length >= count) resolve();
    waiting = waiting.filter(({ count }) => heads.length < count);
  };
  const server = createServer((socket) => {
    connections += 1;
    last = socket;
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.once('close', onClosed);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.endsWith('}')) return;
      heads.push(text.slice(0, text.indexOf('\r\n\r\n')));
      text = '';
      answer(socket);
    });
    onTestFinished(() => void socket.destroy());
  });
  const came = (count: number): Promise<void> =>
    new Promise((resolve) => {
      if (heads.length >= count) resolve();
      else waiting.push({ count, resolve });
    });
  const say = (text: string): void => {
    last?.write(text);
  };
  const port = await listen(server);
  return { port, heads, connections: () => connections, came, say, closed };
}

function answer(status: string, body = '', headers: readonly string[] = []): string {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return [`HTTP/1.1 ${status}`, ...headers, length, '', body].join('\r\n');
}

const RECEIPT = '{"ok":true,"tx_id":"tx_7","status":"accepted","request_id":"echo"}';

/** From then on, a second is waited for the body. */
async function headIsRead(clock: ManualClock): Promise<void> {
  await eventually(() => clock.waits.includes(1_000));
}

/** How a dispatcher is made. */
type CreateDispatcher = (endpoint: Endpoint) => OwnedDispatcher;

interface Sender {
  readonly transport: HttpTransport;
  readonly clock: ManualClock;
}

function senderTo(create: CreateDispatcher, url: string, apiKey = () => 'token-1'): Sender {
  const clock = manualClock();
  const endpoint = requireEndpoint(url, true);
  const { dispatcher, close } = create(endpoint);
  onTestFinished(close);
  const transport = new HttpTransport({
    dispatcher,
    endpoint,
    headers: { 'x-tenant': 'blue' },
    tokens: new TokenSource(apiKey, clock),
    clock,
    timeoutMs: TIMEOUT_MS,
  });
  return { transport, clock };
}

/** The rules of whatever brings requests to the ledger. */
export function dispatcherContract(create: CreateDispatcher): void {
  const setup = async (...script: Script) => {
    const server = await scriptedServer(...script);
    return { server, ...senderTo(create, `http://127.0.0.1:${server.port}/prefix`) };
  };
  const outcomeOf = async (...script: Script) => {
    const { transport } = await setup(...script);
    return sent(transport, wireRequest(), sendContext());
  };

  it('sends a POST with the documented headers and the extra ones', async () => {
    const { server, transport } = await setup(answer('202 Accepted', RECEIPT));
    await sent(transport, wireRequest({ idempotencyKey: 'k-1', requestId: 'r-1' }), sendContext());
    const [line, ...headers] = server.heads[0]?.split('\r\n') ?? [];
    expect(line).toBe('POST /prefix/v1/events HTTP/1.1');
    expect(headers.map((each) => each.replace(/^[^:]*/, (name) => name.toLowerCase()))).toEqual(
      expect.arrayContaining([
        'authorization: Bearer token-1',
        'content-type: application/json',
        'idempotency-key: k-1',
        'request-id: r-1',
        `user-agent: opentelemetry-exporter-immutablelog/${VERSION}`,
        'x-tenant: blue',
      ]),
    );
  });

  it('asks for no compression', async () => {
    const { server, transport } = await setup(answer('202 Accepted', RECEIPT));
    await sent(transport, wireRequest(), sendContext());
    expect(server.heads[0]).not.toMatch(/gzip|deflate|\bbr\b/i);
  });

  it('gives the receipt of the ledger, also where it comes in pieces', async () => {
    const whole = answer('202 Accepted', RECEIPT);
    const { server, transport, clock } = await setup(whole.slice(0, -20));
    const request = wireRequest();
    const outcome = sent(transport, request, sendContext());
    await headIsRead(clock);
    server.say(whole.slice(-20));
    await expect(outcome).resolves.toEqual({
      kind: 'accepted',
      receipt: {
        txId: 'tx_7',
        payloadHash: undefined,
        duplicate: false,
        requestId: 'echo',
        status: 'accepted',
        idempotencyKey: request.idempotencyKey,
      },
    });
  });

  it('keeps the words of the ledger for a refusal', async () => {
    const body = '{"ok":false,"reason":"payload too odd"}';
    await expect(outcomeOf(answer('400 Bad Request', body))).resolves.toEqual({
      kind: 'rejected',
      failure: { detail: 'HTTP 400', status: 400 },
      reason: 'payload too odd',
    });
  });

  it.each([
    ['429 Too Many Requests', { kind: 'quota', retryAfterMs: 7_000 }],
    ['503 Service Unavailable', { kind: 'retryable', retryAfterMs: 7_000 }],
  ])('reads how long to wait from %s', async (status, expected) => {
    const outcome = await outcomeOf(answer(status, '', ['Retry-After: 7']));
    expect(outcome).toMatchObject(expected);
  });

  it('follows no redirect', async () => {
    const { server, transport } = await setup(answer('307 Moved', '', ['location: /elsewhere']));
    await expect(sent(transport, wireRequest(), sendContext())).resolves.toMatchObject({
      kind: 'misconfigured',
      failure: { detail: 'HTTP 307' },
    });
    expect(server.heads).toHaveLength(1);
  });

  it('takes a web page for no ledger', async () => {
    const page = answer('200 OK', '<!DOCTYPE html><title>Sign in</title>');
    await expect(outcomeOf(page)).resolves.toMatchObject({ kind: 'misconfigured' });
  });

  it('repeats a request once with the token that has replaced the refused one', async () => {
    const server = await scriptedServer(answer('401 Unauthorized'), answer('202 OK', RECEIPT));
    const keys = ['old', 'new'];
    const url = `http://127.0.0.1:${server.port}`;
    const { transport } = senderTo(create, url, () => keys.shift() ?? 'newer');
    const outcome = await sent(transport, wireRequest(), sendContext());
    expect(outcome).toMatchObject({ kind: 'accepted' });
    const tokens = server.heads.map((head) => /authorization: (.*)/i.exec(head)?.[1]);
    expect(tokens).toEqual(['Bearer old', 'Bearer new']);
  });

  it('gives up after timeoutMs where no answer comes, and breaks the request off', async () => {
    const { server, transport, clock } = await setup(undefined);
    const outcome = sent(transport, wireRequest(), sendContext());
    await server.came(1);
    await clock.advance(TIMEOUT_MS);
    await expect(outcome).resolves.toMatchObject({
      kind: 'retryable',
      failure: { detail: 'timeout' },
    });
    await server.closed;
    expect(clock.pending()).toBe(0);
  });

  it('gives up at the deadline of the event, where that is earlier', async () => {
    const { server, transport, clock } = await setup(undefined);
    const outcome = sent(transport, wireRequest(), sendContext(300));
    await server.came(1);
    await clock.advance(300);
    await expect(outcome).resolves.toMatchObject({ kind: 'retryable' });
  });

  it('waits a second for the rest of a body: the status has decided', async () => {
    const headAlone = 'HTTP/1.1 202 Accepted\r\ncontent-length: 1000\r\n\r\n{"ok":true';
    const { server, transport, clock } = await setup(headAlone);
    const outcome = sent(transport, wireRequest(), sendContext());
    await headIsRead(clock);
    await clock.advance(1_000);
    await expect(outcome).resolves.toMatchObject({ kind: 'accepted' });
    await server.closed;
  });

  it('reads no more than a part of a body that does not end', async () => {
    const endless = 'HTTP/1.1 202 Accepted\r\ncontent-length: 900000000\r\n\r\n{"ok":true';
    const { server, transport } = await setup(endless + ' '.repeat(300_000));
    const outcome = await sent(transport, wireRequest(), sendContext());
    expect(outcome).toMatchObject({ kind: 'accepted' });
    await server.closed;
  });

  it('takes an answer that was cut off after its status for an answer', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () =>
        socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 1000\r\n\r\n{"ok":true'),
      );
    });
    const { transport } = senderTo(create, `http://127.0.0.1:${await listen(server)}`);
    const outcome = await sent(transport, wireRequest(), sendContext());
    expect(outcome).toMatchObject({ kind: 'accepted' });
  });

  it('ends at once when its scope does, and breaks the request off', async () => {
    const { server, transport, clock } = await setup(undefined);
    const context = sendContext();
    const outcome = sent(transport, wireRequest(), context);
    await server.came(1);
    context.scope.abort('shutdown');
    await expect(outcome).resolves.toMatchObject({ kind: 'dropped', reason: 'shutdown' });
    await server.closed;
    expect(clock.pending()).toBe(0);
  });

  it('begins nothing in a scope that has ended', async () => {
    const { server, transport } = await setup(answer('202 OK', RECEIPT));
    const context = sendContext();
    context.scope.abort('aborted');
    const outcome = await sent(transport, wireRequest(), context);
    expect(outcome).toMatchObject({ kind: 'dropped', reason: 'aborted' });
    expect(server.connections()).toBe(0);
  });

  it('tells a connection that was reset by its code', async () => {
    const outcome = await outcomeOf(RESET);
    expect(outcome).toMatchObject({ kind: 'retryable', failure: { status: undefined } });
  });

  it('tells a port where nobody listens by its code', async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    const { transport } = senderTo(create, `http://127.0.0.1:${port}`);
    await expect(sent(transport, wireRequest(), sendContext())).resolves.toMatchObject({
      kind: 'retryable',
      failure: { detail: 'ECONNREFUSED' },
    });
  });

  it('trusts no certificate that nobody vouches for', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const port = await listen(createTlsServer({ key, cert }, (_, response) => response.end('{}')));
    const { transport } = senderTo(create, `https://127.0.0.1:${port}`);
    await expect(sent(transport, wireRequest(), sendContext())).resolves.toMatchObject({
      kind: 'misconfigured',
      failure: { status: undefined },
    });
  });

  it('takes an unasked change of protocols for a wrong configuration', async () => {
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n';
    const outcome = await outcomeOf(upgrade);
    expect(outcome).toMatchObject({ kind: 'misconfigured', failure: { status: 101 } });
  });

  it('sends one request after another over one connection', async () => {
    const { server, transport } = await setup(answer('202 OK', RECEIPT), answer('500 No'));
    for (let round = 0; round < 10; round += 1) {
      await sent(transport, wireRequest(), sendContext());
    }
    expect(server.heads).toHaveLength(10);
    expect(server.connections()).toBe(1);
  });
}
