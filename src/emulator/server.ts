import type { Answer, ReplyPlan } from './faults.ts';
import type { ReceivedRequest } from './requests.ts';
import { MAX_BODY_BYTES } from './requests.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A running HTTP server. */
export interface RunningServer {
  /** The port it listens on, also when it was asked for port 0. */
  readonly port: number;
  /** Stops listening and destroys every open connection. */
  close(): Promise<void>;
}

/** The behaviour behind the socket. */
export interface ServerBehaviour {
  /** Answers a request that is for a person who looks; `false` when it is for the ledger. */
  onLook(message: IncomingMessage, response: ServerResponse): boolean;
  /** Decides what happens to a whole request. */
  onRequest(request: ReceivedRequest): ReplyPlan;
  /** What came is no HTTP request; it is answered with this status, or its connection is cut. */
  onMalformed(status: number | undefined, arrivedAtMs: number): void;
  /** Decides whether a new connection is kept or closed at once. */
  onConnection(): 'keep' | 'close';
}

const KEEP_ALIVE_MS = 60_000;

/**
 * Serves a behaviour over HTTP/1.1 with keep-alive.
 *
 * @throws the error of the system, such as `EADDRINUSE`, when it cannot listen there.
 */
export async function startServer(
  address: { readonly host: string; readonly port: number },
  behaviour: ServerBehaviour,
): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => {
    if (behaviour.onLook(message, response)) return;
    readRequest(message, {
      onWhole: (request) => {
        writeReply(response, behaviour.onRequest(request));
      },
      onEndless: (arrivedAtMs) => {
        behaviour.onMalformed(undefined, arrivedAtMs);
      },
    });
  });
  server.on('clientError', (error: Error & { readonly code?: string }, socket) => {
    // The connection was cut, by whichever side, and nobody waits for an answer.
    if (!socket.writable || error.code === 'ECONNRESET') return;
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
    behaviour.onMalformed(status, Date.now());
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n\r\n`);
  });
  server.on('connection', (socket) => {
    if (behaviour.onConnection() === 'close') {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: portOf(server.address()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new TypeError('the server has no TCP address');
}

/** How much of a body that is too large is still read, so that its sender gets to see the 413. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/** How a request ends; in neither way when its sender gives it up. */
interface RequestEnds {
  readonly onWhole: (request: ReceivedRequest) => void;
  /** It never ends, and its connection is cut. */
  readonly onEndless: (arrivedAtMs: number) => void;
}

/** Reads one request to its end. */
function readRequest(message: IncomingMessage, { onWhole, onEndless }: RequestEnds): void {
  const arrivedAtMs = Date.now();
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  message.on('data', (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks = [];
    if (bytes <= MAX_DISCARDED_BYTES) return;
    onEndless(arrivedAtMs);
    message.destroy();
  });
  message.on('end', () => {
    const oversized = bytes > MAX_BODY_BYTES;
    onWhole({
      method: message.method ?? '',
      path: message.url ?? '',
      headers: joinHeaders(message),
      body: oversized ? new Uint8Array() : wholeBody(chunks),
      oversized,
      arrivedAtMs,
    });
  });
}

function wholeBody(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}

function joinHeaders(message: IncomingMessage): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) joined[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return joined;
}

const ENDLESS_BODY_INTERVAL_MS = 10;

/** Carries out a plan. Nothing goes on after the connection is closed, by whichever side. */
function writeReply(response: ServerResponse, plan: ReplyPlan): void {
  if (plan.kind === 'hang') return;
  const carryOut = (): void => {
    if (plan.kind === 'reset') response.socket?.resetAndDestroy();
    else if (plan.pace.kind === 'slow-headers') {
      writeSlowly(response, plan.answer, plan.pace.intervalMs);
    } else if (plan.pace.kind === 'endless-body') writeEndlessly(response, plan.answer);
    else writeAtOnce(response, plan.answer);
  };
  if (plan.delayMs === 0) carryOut();
  else untilClosed(response, setTimeout(carryOut, plan.delayMs));
}

function writeAtOnce(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, withLength(answer));
  response.end(answer.body);
}

/** Writes past the HTTP layer, which would send the head as one piece; the connection ends after it. */
function writeSlowly(response: ServerResponse, answer: Answer, intervalMs: number): void {
  const { socket } = response;
  if (socket === null) return;
  const bytes = Buffer.from(rawAnswer(answer), 'latin1');
  let next = 0;
  const timer = setInterval(() => {
    socket.write(bytes.subarray(next, next + 1));
    next += 1;
    if (next < bytes.byteLength) return;
    clearInterval(timer);
    socket.end(answer.body, 'utf8');
  }, intervalMs);
  untilClosed(response, timer);
}

function writeEndlessly(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers);
  // The first byte opens a JSON object that is never closed.
  response.write('{');
  untilClosed(
    response,
    setInterval(() => response.write(' '), ENDLESS_BODY_INTERVAL_MS),
  );
}

function rawAnswer(answer: Answer): string {
  const headers = { ...withLength(answer), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const statusLine = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`;
  return [statusLine, ...lines, '', ''].join('\r\n');
}

function withLength(answer: Answer): Readonly<Record<string, string>> {
  if (answer.body === '') return answer.headers;
  return { 'content-length': String(Buffer.byteLength(answer.body, 'utf8')), ...answer.headers };
}

function untilClosed(response: ServerResponse, timer: NodeJS.Timeout): void {
  response.once('close', () => {
    clearTimeout(timer);
  });
}
