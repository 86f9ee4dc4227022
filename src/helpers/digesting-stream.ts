import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';

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
