const CHUNK_BITS = 32_768;

/** A set of sequence numbers that lie close together, one bit for each. */
export interface SequenceSet {
  /** Adds one; `false` when it was there. */
  add(sequence: number): boolean;
  has(sequence: number): boolean;
}

/** Makes an empty set. */
export function createSequenceSet(): SequenceSet {
  const chunks = new Map<number, Uint8Array>();

  function has(sequence: number): boolean {
    const bit = sequence % CHUNK_BITS;
    const byte = chunks.get(Math.floor(sequence / CHUNK_BITS))?.[bit >> 3] ?? 0;
    return (byte & (1 << (bit & 7))) !== 0;
  }

  return {
    has,
    add(sequence) {
      if (has(sequence)) return false;
      const index = Math.floor(sequence / CHUNK_BITS);
      let chunk = chunks.get(index);
      if (chunk === undefined) {
        chunk = new Uint8Array(CHUNK_BITS / 8);
        chunks.set(index, chunk);
      }
      const bit = sequence % CHUNK_BITS;
      chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) | (1 << (bit & 7));
      return true;
    },
  };
}
