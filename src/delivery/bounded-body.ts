/** How much of an answer's body is read: enough for any receipt, however long the server talks. */
export const MAX_ANSWER_BYTES: number = 64 * 1024;

/** Collects the first bytes of a body. */
export interface BoundedBody {
  /** Takes a chunk; `false` once the body is longer than what is read of it. */
  add(chunk: Buffer): boolean;
  /** What was collected, as text. */
  text(): string;
}

/** Makes an empty collector. */
export function createBoundedBody(): BoundedBody {
  let collected: Buffer | undefined;
  return {
    add(chunk) {
      const size = (collected?.byteLength ?? 0) + chunk.byteLength;
      if (size > MAX_ANSWER_BYTES) return false;
      // Nearly every answer is one chunk.
      collected = collected === undefined ? chunk : Buffer.concat([collected, chunk], size);
      return true;
    },
    text: () => collected?.toString('utf8') ?? '',
  };
}
