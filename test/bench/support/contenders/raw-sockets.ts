import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { attributesOf } from '../span-maker.ts';
import type { Contender } from './contender.ts';

const SOCKETS = 32;

/** A whole request as bytes, of about the size that an event of this package has. */
function requestBytes(host: string): Buffer {
  const payload = JSON.stringify({ ...attributesOf(1), pad: 'x'.repeat(560) });
  const body = JSON.stringify({ payload, meta: { type: 'success', event_name: 'order.placed' } });
  const head = [
    'POST /v1/events HTTP/1.1',
    `host: ${host}`,
    'connection: keep-alive',
    'authorization: Bearer bench',
    'content-type: application/json',
    `idempotency-key: ${'0'.repeat(32)}-${'0'.repeat(16)}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/**
 * The limit: bytes made in advance, written to 32 keep-alive sockets, one request at a time on
 * each, and of the answer nothing is read but where it ends. No client that makes events, reads
 * answers and can fail comes near it.
 */
export function rawSockets(url: string): Contender {
  const { host, hostname, port } = new URL(url);
  const request = requestBytes(host);
  const sockets: Socket[] = [];
  let left = 0;
  let open = 0;
  let done: (error?: Error) => void = () => {};

  function next(socket: Socket): void {
    if (left === 0) return;
    left -= 1;
    socket.write(request);
  }

  function add(): void {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.on('data', (chunk) => {
      // The answers are short and alike: each comes in one piece and ends in a brace.
      if (chunk[chunk.length - 1] !== 0x7d) return;
      open -= 1;
      if (open === 0) done();
      else next(socket);
    });
    const onEnd = (error?: Error): void => {
      done(error ?? new Error('the sink closed a socket'));
    };
    socket.on('error', onEnd).on('end', onEnd);
    sockets.push(socket);
  }

  for (let count = 0; count < SOCKETS; count += 1) add();
  return {
    send(events) {
      left = events;
      open = events;
      return new Promise((resolve, reject) => {
        done = (error) => {
          if (error === undefined) resolve();
          else reject(error);
        };
        for (const socket of sockets) next(socket);
      });
    },
  };
}
