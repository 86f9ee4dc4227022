import { requestSpan } from './record-audit-event.ts';
import type { Span } from '@opentelemetry/api';
import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';

/** A body; Fastify's hooks may have noted on it how much came over the wire. */
type CountedStream = Readable & { readonly receivedEncodedLength?: number };

/**
 * Passes a stream on unchanged and hashes it on the way, chunk by chunk.
 *
 * - `onEnd` is called after the last byte, and not at all for an empty or broken-off stream.
 * - An error or the early end of the source ends the copy; the end of the copy leaves the source
 *   open, since the answer still has to go out on its socket.
 */
export function digestingStream(source: CountedStream, onEnd: (hash: Hash) => void): Readable {
  const hash = createHash('sha256');
  let bytes = 0;
  const copy = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      if (bytes > 0) onEnd(hash);
      done();
    },
  });
  // Fastify compares this with the Content-Length when a hook has replaced the stream.
  Object.defineProperty(copy, 'receivedEncodedLength', {
    get: () => source.receivedEncodedLength ?? bytes,
  });
  // A reader that has left must not make a broken-off request an uncaught error; nor would the
  // request itself, which reports errors to listeners only.
  copy.on('error', () => {});
  source.once('error', (error) => copy.destroy(error));
  source.once('close', () => {
    if (!source.readableEnded) copy.destroy(new Error('the request ended before its body did'));
  });
  return source.pipe(copy);
}

const ATTR_BODY_SHA256 = 'http.request.body.sha256';

/** Takes the stream to read in place of the one that was given. */
type Done = (error: null, payload: Readable) => void;

/** What {@link requestBodyDigest} makes: one function for three ways of reading a body. */
export interface RequestBodyDigest {
  /** For the `verify` option of body-parser and of Express's own `json()`, `text()`, `raw()`. */
  (request: unknown, response: unknown, body: Uint8Array): void;
  /** For Fastify's hook `preParsing`. */
  (request: unknown, reply: unknown, ...rest: [payload: Readable, done: Done]): void;
  /** For `node:http`: read the stream that comes back in place of the request. */
  (request: unknown, response: unknown, payload: Readable): Readable;
}

function setDigest(span: Span | undefined, hash: Hash): void {
  span?.setAttribute(ATTR_BODY_SHA256, hash.digest('hex'));
}

function digestBody(request: unknown, response: unknown, body: Uint8Array): void;
function digestBody(request: unknown, reply: unknown, ...rest: [Readable, Done]): void;
function digestBody(request: unknown, response: unknown, payload: Readable): Readable;
function digestBody(
  _request: unknown,
  _response: unknown,
  ...[body, done]: [body: Uint8Array | Readable, done?: Done]
): Readable | undefined {
  // Taken now: when the last byte is read, another context may be active.
  const span = requestSpan();
  if (body instanceof Uint8Array) {
    if (body.length > 0) setDigest(span, createHash('sha256').update(body));
    return undefined;
  }
  const payload = digestingStream(body, (hash) => {
    setDigest(span, hash);
  });
  if (done === undefined) return payload;
  done(null, payload);
  return undefined;
}

/**
 * Sets `http.request.body.sha256` on the span of the request: the SHA-256, in lower-case hex, of
 * the exact bytes of its body. The body is neither kept nor sent; an empty one sets nothing.
 *
 * The bytes are those handed in: body-parser undoes a `Content-Encoding` before `verify`, while
 * Fastify and `node:http` give them as they came over the wire.
 *
 * @example
 * ```ts
 * app.use(express.json({ verify: requestBodyDigest() })); // Express, NestJS
 * fastify.addHook('preParsing', requestBodyDigest()); // Fastify
 * const body = requestBodyDigest()(request, response, request); // node:http
 * ```
 */
export function requestBodyDigest(): RequestBodyDigest {
  return digestBody;
}
