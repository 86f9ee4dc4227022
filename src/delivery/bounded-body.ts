/** How much of an answer's body is read: enough for any receipt, however long the server talks. */
export const MAX_ANSWER_BYTES: number = 64 * 1024;

/** Collects the first bytes of a body. */
export interface BoundedBody {
  /** Takes a chunk; `false` once the body is longer than what is read of it. */
  add(chunk: Uint8Array): boolean;
  /** What was collected, as text. */
  text(): string;
}

/** Makes an empty collector. */
export function createBoundedBody(): BoundedBody {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    add(chunk) {
      size += chunk.byteLength;
      if (size > MAX_ANSWER_BYTES) return false;
      chunks.push(chunk);
      return true;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
