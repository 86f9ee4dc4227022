import type { Clock } from '../runtime/clock.ts';
import type { FilePort, OpenFile } from './files.ts';
import { errorCodeOf, writeAll } from './files.ts';
import { ACK_BYTES, encodeAcks } from './segment-format.ts';
import type { RecordRef } from './spool.ts';
import { join } from 'node:path';

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

/** Time in which acknowledgements are gathered for one write, ms. */
const SAVE_AFTER_MS = 50;

/** The segments of a spool in the order in which they are read, and what they take. */
export interface Segments {
  /** Those of writers that are gone come before one's own. */
  addAdopted(segment: Segment): void;
  addOwn(segment: Segment): void;
  /** The first segment that has something left to read. */
  firstUnread(): Segment | undefined;
  acknowledge(ref: SegmentRef): void;
  /** Its file was taken away by somebody else. */
  vanished(segment: Segment): void;
  /** Removes the file if nothing in it is needed any more. */
  settle(segment: Segment): void;
  /** Bytes on disk. */
  bytes(): number;
  /** Bytes on disk once everything that is there is acknowledged, and no file of it removed. */
  mostBytes(): number;
  /** So much was added to a segment for good. */
  grew(segment: Segment, added: { readonly bytes: number; readonly records: number }): void;
  oldestUnreadAtMs(): number | undefined;
  /** Saves acknowledgements and removes what can go, now. */
  flush(): Promise<void>;
}

/** What the segments of a spool need. */
export interface SegmentsDeps {
  readonly files: FilePort;
  readonly clock: Clock;
  /** A segment is gone from the disk. */
  readonly onRemoved: (segment: Segment) => void;
  /** A segment was taken away with so many records that were not handed out. */
  readonly onVanished: (records: number) => void;
}

/**
 * Makes those of a spool that has none yet.
 *
 * Acknowledgements are saved in batches and never synced: one that is lost costs a duplicate, which
 * the idempotency key makes harmless. A file is removed once all of it is acknowledged; that works
 * on a full disk, where writing does not.
 */
export function createSegments({ files, clock, onRemoved, onVanished }: SegmentsDeps): Segments {
  const segments: Segment[] = [];
  let adopted = 0;
  let total = 0;
  let most = 0;
  let timer: (() => void) | undefined;
  let working: Promise<void> = Promise.resolve();

  async function remove(segment: Segment): Promise<void> {
    segment.removed = true;
    try {
      await files.unlink(segment.path);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') {
        segment.removed = false;
        return;
      }
    }
    await files.unlink(ackPath(segment)).catch(() => {});
    takeOut(segment);
  }

  function takeOut(segment: Segment): void {
    const index = segments.indexOf(segment);
    if (index < 0) return;
    total -= segment.committed + segment.ackBytes;
    most -= segment.committed + segment.mostAckBytes;
    segments.splice(index, 1);
    if (index < adopted) adopted -= 1;
    onRemoved(segment);
  }

  function openSideFile(segment: Segment): Promise<OpenFile> {
    const path = ackPath(segment);
    return segment.ackBytes > 0
      ? files.openFile(path)
      : files.createFile(path).catch(() => files.openFile(path));
  }

  async function save(segment: Segment): Promise<void> {
    const sequences = segment.unsavedAcks;
    segment.unsavedAcks = [];
    try {
      const file = await openSideFile(segment);
      try {
        const bytes = encodeAcks(sequences);
        await writeAll(file, bytes, segment.ackBytes);
        segment.ackBytes += bytes.length;
        total += bytes.length;
      } finally {
        await file.close();
      }
    } catch {
      // Not fatal: the records are sent again by the next process, under the same keys.
    }
  }

  async function work(): Promise<void> {
    for (const segment of segments.filter(({ removed }) => !removed)) {
      if (isFinished(segment)) await remove(segment);
      else if (segment.unsavedAcks.length > 0) await save(segment);
    }
  }

  function flush(): Promise<void> {
    timer?.();
    timer = undefined;
    working = working.then(work, work);
    return working;
  }

  function later(): void {
    timer ??= clock.after({ ms: SAVE_AFTER_MS, hold: 'background', run: () => void flush() });
  }

  return {
    addAdopted(segment) {
      segments.splice(adopted, 0, segment);
      adopted += 1;
      segment.mostAckBytes = segment.ackBytes + segment.records * ACK_BYTES;
      total += segment.committed + segment.ackBytes;
      most += segment.committed + segment.mostAckBytes;
    },
    addOwn(segment) {
      segments.push(segment);
      total += segment.committed;
      most += segment.committed;
    },
    firstUnread: () => segments.find(({ offset, committed }) => offset < committed),
    acknowledge(ref) {
      const { segment } = ref;
      segment.acknowledged += 1;
      segment.unsavedAcks.push(ref.sequence);
      later();
    },
    vanished(segment) {
      segment.removed = true;
      onVanished(Math.max(0, segment.records - segment.offered));
      takeOut(segment);
    },
    settle: later,
    bytes: () => total,
    mostBytes: () => most,
    grew(segment, { bytes, records }) {
      segment.committed += bytes;
      segment.records += records;
      segment.mostAckBytes += records * ACK_BYTES;
      total += bytes;
      most += bytes + records * ACK_BYTES;
    },
    oldestUnreadAtMs() {
      return segments.find(({ offset, committed }) => offset < committed)?.firstStoredAtMs;
    },
    flush,
  };
}
