import type { Clock } from '../runtime/clock.ts';
import { ACK_BYTES, encodeAcks } from './acks.ts';
import type { FilePort, OpenFile } from './file-port.ts';
import type { Segment, SegmentRef } from './segment.ts';
import { ackPath, isFinished } from './segment.ts';
import { errorCodeOf } from './system-error.ts';
import { writeAll } from './whole.ts';

/** Time in which acknowledgements are gathered for one write, ms. */
const SAVE_AFTER_MS = 50;

/** The segments of a spool in the order in which they are read, and what they take. */
export interface Shelf {
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

/** What a shelf needs. */
export interface ShelfDeps {
  readonly files: FilePort;
  readonly clock: Clock;
  /** A segment is gone from the disk. */
  readonly onRemoved: (segment: Segment) => void;
  /** A segment was taken away with so many records that were not handed out. */
  readonly onVanished: (records: number) => void;
}

/**
 * Makes an empty shelf.
 *
 * Acknowledgements are saved in batches and never synced: one that is lost costs a duplicate, which
 * the idempotency key makes harmless. A file is removed once all of it is acknowledged; that works
 * on a full disk, where writing does not.
 */
export function createShelf({ files, clock, onRemoved, onVanished }: ShelfDeps): Shelf {
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
