import { ACK_BYTES } from './acks.ts';
import { HEADER_BYTES } from './segment-header.ts';
import type { Shelf } from './shelf.ts';

/** Records that are to be written. */
export interface Load {
  /** Bytes of their frames. */
  readonly bytes: number;
  readonly records: number;
}

/** The most bytes that a spool may take. */
export interface Cap {
  /**
   * Whether it has room for records and all that comes with them: their acknowledgements and the
   * heads of new segments.
   *
   * @param room - bytes that the open segment takes before it is closed; 0 when none is open
   */
  hasRoom(load: Load, room: number): boolean;
}

/** What a cap needs. */
export interface CapDeps {
  readonly maxBytes: number;
  readonly segmentBytes: number;
  readonly shelf: Pick<Shelf, 'mostBytes'>;
}

/** Makes it. What was taken over counts, but nothing is refused or removed because of it. */
export function createCap({ maxBytes, segmentBytes, shelf }: CapDeps): Cap {
  const bodyBytes = Math.max(1, segmentBytes - HEADER_BYTES);

  /** A segment is closed by the write that reaches its size; each new one takes a write at least. */
  function mostHeads({ bytes, records }: Load, room: number): number {
    return bytes <= room ? 0 : Math.min(records, Math.ceil((bytes - room) / bodyBytes));
  }

  return {
    hasRoom(load, room) {
      const heads = mostHeads(load, room) * HEADER_BYTES;
      const needed = load.bytes + load.records * ACK_BYTES + heads;
      return shelf.mostBytes() + needed <= maxBytes;
    },
  };
}
