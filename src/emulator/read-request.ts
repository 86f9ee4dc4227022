import type { IncomingMessage } from 'node:http';
import { MAX_BODY_BYTES, type ReceivedRequest } from './received-request.ts';

/** How much of a body that is too large is still read, so that its sender gets to see the 413. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/** Reads one request to its end; `onWhole` is not called for one that its sender gave up. */
export function readRequest(
  message: IncomingMessage,
  onWhole: (request: ReceivedRequest) => void,
): void {
  const arrivedAtMs = Date.now();
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  message.on('data', (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks = [];
    if (bytes > MAX_DISCARDED_BYTES) message.destroy();
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
