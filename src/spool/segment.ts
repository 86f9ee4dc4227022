import { join } from 'node:path';
import type { RecordRef } from './spool.ts';

/** One segment file and what is known of it. */
export interface Segment {
  /** The writer its records are of. */
  readonly writer: string;
  readonly path: string;
  /** Bytes that are on disk for good and may be read. */
  committed: number;
  /** Bytes that were read. */
  offset: number;
  /** Nothing is added any more. */
  sealed: boolean;
  /** Records in it that were to be delivered when they were written or found. */
  records: number;
  /** Records handed out. */
  offered: number;
  /** Of these, acknowledged. */
  acknowledged: number;
  /** When its first record was stored, ms since the epoch. */
  firstStoredAtMs: number;
  /** Acknowledgements that are not in the side file yet. */
  unsavedAcks: number[];
  /** Bytes of the side file. */
  ackBytes: number;
  /** Bytes of the side file once every record is acknowledged. */
  mostAckBytes: number;
  /** Its file is gone. */
  removed: boolean;
  /** Those that go together, this one included; `undefined` when it goes alone. */
  together: readonly Segment[] | undefined;
}

/** A reference that leads back to the segment without a search. */
export interface SegmentRef extends RecordRef {
  readonly segment: Segment;
}

/** Makes a segment of which nothing was read. */
export function createSegment(
  init: Pick<Segment, 'writer' | 'path' | 'committed' | 'offset' | 'sealed'>,
): Segment {
  return {
    ...init,
    records: 0,
    offered: 0,
    acknowledged: 0,
    firstStoredAtMs: 0,
    unsavedAcks: [],
    ackBytes: 0,
    mostAckBytes: 0,
    removed: false,
    together: undefined,
  };
}

/** File of the n-th segment of a writer. */
export function segmentPath(folder: string, number: number): string {
  return join(folder, `${number.toString(16).padStart(8, '0')}.seg`);
}

/** The side file with the acknowledgements of a segment. */
export function ackPath({ path }: Pick<Segment, 'path'>): string {
  return path.replace(/\.seg$/, '.ack');
}

/** Whether every record that is in it so far was handed out and acknowledged. */
export function isSpent({ offset, committed, offered, acknowledged }: Segment): boolean {
  return offset >= committed && acknowledged >= offered;
}

/** Whether nothing in it will be needed any more, so that the file can go. */
export function isFinished(segment: Segment): boolean {
  const { together = [segment] } = segment;
  return together.every((each) => each.sealed && isSpent(each));
}
