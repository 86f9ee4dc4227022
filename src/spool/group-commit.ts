import type { Appended, Appender } from './appender.ts';
import type { Load } from './cap.ts';
import { frameBytes } from './frame.ts';
import type { SegmentRef } from './segment.ts';
import type { SpoolEntry, StoreResult } from './spool.ts';

/** Most bytes of one write: encoding them holds up the event loop for a few milliseconds. */
const MOST_BYTES = 1024 * 1024;

interface Pending {
  readonly entry: SpoolEntry;
  readonly bytes: number;
  readonly resolve: (result: StoreResult) => void;
}

/** Puts concurrent stores into one write and one sync. */
export interface GroupCommit {
  store(entry: SpoolEntry): Promise<StoreResult>;
  /** What is not committed. */
  pending(): Load;
  /** What is not committed: those that a write is under way for, then those that wait. */
  uncommitted(): {
    readonly underWay: readonly SpoolEntry[];
    readonly waiting: readonly SpoolEntry[];
  };
  settled(): Promise<void>;
}

/**
 * Makes one. While a commit is under way, others gather for the next: the slower the disk, the
 * larger the groups.
 *
 * @param onStored - told of the records of each commit, before their callers are
 */
export function createGroupCommit(
  appender: Appender,
  onStored: (count: number) => void,
): GroupCommit {
  let waiting: Pending[] = [];
  let underWay: Pending[] = [];
  let pendingBytes = 0;
  let running: Promise<void> | undefined;

  function takeGroup(): Pending[] {
    let bytes = 0;
    const over = waiting.findIndex((pending) => (bytes += pending.bytes) > MOST_BYTES);
    // A record that is above the limit by itself goes alone.
    return waiting.splice(0, over < 0 ? waiting.length : Math.max(over, 1));
  }

  function resultOf(appended: Appended, index: number): StoreResult {
    if (appended.kind !== 'stored') return appended;
    const { segment, firstSequence } = appended;
    const sequence = firstSequence + index;
    const ref: SegmentRef = { writer: segment.writer, sequence, segment };
    return { kind: 'stored', ref };
  }

  async function run(): Promise<void> {
    // What is stored in one go of the program belongs to one commit.
    await Promise.resolve();
    while (waiting.length > 0) {
      underWay = takeGroup();
      const appended = await appender.append(underWay.map(({ entry }) => entry));
      const done = underWay;
      underWay = [];
      if (appended.kind === 'stored') onStored(done.length);
      for (const [index, { bytes, resolve }] of done.entries()) {
        pendingBytes -= bytes;
        resolve(resultOf(appended, index));
      }
    }
    running = undefined;
  }

  return {
    store(entry) {
      const bytes = frameBytes(entry);
      pendingBytes += bytes;
      const stored = new Promise<StoreResult>((resolve) => {
        waiting.push({ entry, bytes, resolve });
      });
      running ??= run();
      return stored;
    },
    pending: () => ({ bytes: pendingBytes, records: waiting.length + underWay.length }),
    uncommitted: () => ({
      underWay: underWay.map(({ entry }) => entry),
      waiting: waiting.map(({ entry }) => entry),
    }),
    async settled() {
      await running;
    },
  };
}
