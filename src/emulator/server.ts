import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { readRequest } from './read-request.ts';
import type { ReceivedRequest } from './received-request.ts';
import type { ReplyPlan } from './reply-plan.ts';
import { writeReply } from './write-reply.ts';

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
    readRequest(message, (request) => {
      writeReply(response, behaviour.onRequest(request));
    });
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
