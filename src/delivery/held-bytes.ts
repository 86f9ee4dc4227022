/**
 * What an event takes in memory besides its body: its key, its limits, its place in the queue.
 * Measured on the heap of a process that holds a hundred thousand of them.
 */
const BESIDES_BODY = 768;

/** Bytes of memory that an event counts for while it waits; `maxPendingBytes` bounds their sum. */
export function heldBytes({ bytes }: { readonly bytes: number }): number {
  return bytes + BESIDES_BODY;
}
