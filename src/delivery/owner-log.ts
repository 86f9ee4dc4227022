import type { RecordRef } from '../spool/spool.ts';

const CHUNK = 4_096;

interface Chunk {
  readonly owners: Uint16Array;
  left: number;
}

/**
 * Remembers on whose account each stored record is, two bytes for each: a backlog of millions must
 * not become a list of millions of objects.
 */
export interface OwnerLog {
  /** @param owner - from 1 to 65,535 */
  put(ref: RecordRef, owner: number): void;
  /** The owner; 0 for a record that is nobody's here. */
  peek(ref: RecordRef): number;
  /** The owner, forgotten by asking; 0 for a record that is nobody's here. */
  take(ref: RecordRef): number;
}

/** Makes an empty log. */
export function createOwnerLog(): OwnerLog {
  const writers = new Map<string, Map<number, Chunk>>();

  function peek({ writer, sequence }: RecordRef): number {
    const chunk = writers.get(writer)?.get(Math.floor(sequence / CHUNK));
    return chunk?.owners[sequence % CHUNK] ?? 0;
  }

  return {
    put({ writer, sequence }, owner) {
      let chunks = writers.get(writer);
      if (chunks === undefined) writers.set(writer, (chunks = new Map<number, Chunk>()));
      const index = Math.floor(sequence / CHUNK);
      let chunk = chunks.get(index);
      if (chunk === undefined) {
        chunk = { owners: new Uint16Array(CHUNK), left: 0 };
        chunks.set(index, chunk);
      }
      chunk.owners[sequence % CHUNK] = owner;
      chunk.left += 1;
    },
    peek,
    take(ref) {
      const { writer, sequence } = ref;
      const chunks = writers.get(writer);
      const index = Math.floor(sequence / CHUNK);
      const chunk = chunks?.get(index);
      const owner = peek(ref);
      if (chunk === undefined || owner === 0) return 0;
      chunk.owners[sequence % CHUNK] = 0;
      chunk.left -= 1;
      if (chunk.left === 0) chunks?.delete(index);
      return owner;
    },
  };
}
