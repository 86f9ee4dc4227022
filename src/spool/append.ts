import type { Clock } from '../runtime/clock.ts';
import type { OwnDirectory, WriterDirectory } from './directory.ts';
import type { FileIdentity, FilePort, OpenFile } from './files.ts';
import { errorCodeOf, isDiskFull, stillStands, writeAll } from './files.ts';
import {
  ACK_BYTES,
  HEADER_BYTES,
  encodeFrames,
  encodeHeader,
  frameBytes,
} from './segment-format.ts';
import type { Segment, SegmentRef, Segments } from './segments.ts';
import { createSegment, isSpent, segmentPath } from './segments.ts';
import type { SpoolEntry, StoreResult } from './spool.ts';

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
  readonly segments: Pick<Segments, 'mostBytes'>;
}

/** Makes it. What was taken over counts, but nothing is refused or removed because of it. */
export function createCap({ maxBytes, segmentBytes, segments }: CapDeps): Cap {
  const bodyBytes = Math.max(1, segmentBytes - HEADER_BYTES);

  /** A segment is closed by the write that reaches its size; each new one takes a write at least. */
  function mostHeads({ bytes, records }: Load, room: number): number {
    return bytes <= room ? 0 : Math.min(records, Math.ceil((bytes - room) / bodyBytes));
  }

  return {
    hasRoom(load, room) {
      const heads = mostHeads(load, room) * HEADER_BYTES;
      const needed = load.bytes + load.records * ACK_BYTES + heads;
      return segments.mostBytes() + needed <= maxBytes;
    },
  };
}

/** The cap forbids it. */
export const FULL = { kind: 'full', detail: 'spool.maxBytes reached' } as const;

const DIRECTORY_GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ESTALE']);

/** What appending needs. */
export interface AppenderDeps {
  readonly files: FilePort;
  readonly clock: Clock;
  readonly segments: Segments;
  /** A segment is closed at this size, in bytes. */
  readonly segmentBytes: number;
  readonly cap: Cap;
  readonly own: OwnDirectory;
}

/** Where a batch went. */
export type Appended =
  | { readonly kind: 'stored'; readonly segment: Segment; readonly firstSequence: number }
  | { readonly kind: 'full' | 'unwritable'; readonly detail: string };

/** Puts batches on disk, one at a time. */
export interface Appender {
  /** Makes the first file ready, so that the first batch does not wait for it. Never rejects. */
  prepare(): Promise<void>;
  /** Resolves when the batch survives the power. Never rejects. */
  append(entries: readonly SpoolEntry[]): Promise<Appended>;
  /** Bytes that the open segment takes before it is closed; 0 when none is open. */
  room(): number;
  /** What a blocking write at the end of the process needs to know. */
  position(): {
    readonly directory: WriterDirectory | undefined;
    readonly nextSegment: number;
    readonly nextSequence: number;
  };
  /**
   * Closes the open segment if nothing in it is needed any more, so that its bytes can be freed.
   * Only while no batch is under way.
   */
  retire(): void;
  close(): Promise<void>;
}

interface Batch {
  readonly bytes: Buffer;
  /** Records in it. */
  readonly count: number;
  /** When it is stored, ms since the epoch. */
  readonly now: number;
}

interface Active {
  readonly segment: Segment;
  readonly file: OpenFile;
  readonly identity: FileIdentity;
}

/**
 * Makes an appender.
 *
 * - A batch counts as stored only after `fdatasync`, and only if its file still stands at its path:
 *   who took this writer for dead has renamed its directory, and may have read it already.
 * - A file whose sync failed is never synced again: the kernel may have dropped the pages and would
 *   report success.
 * - A sequence is never used for two different records, also not after a failure.
 */
export function createAppender(deps: AppenderDeps): Appender {
  const { files, clock, segments, segmentBytes, cap, own } = deps;
  let directory: WriterDirectory | undefined;
  let active: Active | undefined;
  let opening: Promise<Active> | undefined;
  let nextSegment = 1;
  let nextSequence = 1;

  /** The segment that is open for writing; whoever asks while it is being made waits for it. */
  async function current(): Promise<Active> {
    if (active !== undefined) return active;
    opening ??= openSegment();
    try {
      active = await opening;
      return active;
    } finally {
      opening = undefined;
    }
  }

  async function openSegment(): Promise<Active> {
    directory ??= await own.open();
    const { writer, path: folder } = directory;
    const path = segmentPath(folder, nextSegment);
    nextSegment += 1;
    const file = await files.createFile(path);
    try {
      await writeAll(file, encodeHeader(writer), 0);
      await files.syncDirectory(folder);
      const at = { committed: HEADER_BYTES, offset: HEADER_BYTES };
      const segment = createSegment({ writer, path, ...at, sealed: false });
      const opened = { segment, file, identity: await file.identity() };
      segments.addOwn(segment);
      return opened;
    } catch (error) {
      await file.close().catch(() => {});
      await files.unlink(path).catch(() => {});
      throw error;
    }
  }

  function room(): number {
    return active === undefined ? 0 : Math.max(0, segmentBytes - active.segment.committed);
  }

  async function seal(): Promise<void> {
    const closing = active;
    active = undefined;
    if (closing === undefined) return;
    closing.segment.sealed = true;
    segments.settle(closing.segment);
    await closing.file.close().catch(() => {});
  }

  function moveOut(): void {
    directory = undefined;
    own.lost();
  }

  /** Takes back what a write left behind on a full disk; gives the file up when that fails. */
  async function takeBack({ segment, file }: Active): Promise<void> {
    try {
      await file.truncate(segment.committed);
    } catch {
      await seal();
    }
  }

  async function write({ bytes, count, now }: Batch): Promise<Segment | undefined> {
    const target = await current();
    const { segment, file } = target;
    try {
      await writeAll(file, bytes, segment.committed);
    } catch (error) {
      if (isDiskFull(error)) await takeBack(target);
      else await seal();
      throw error;
    }
    try {
      await file.sync();
    } catch (error) {
      await seal();
      throw error;
    }
    if (!(await stillStands(files, segment.path, target.identity))) {
      await seal();
      moveOut();
      return undefined;
    }
    if (segment.committed === HEADER_BYTES) segment.firstStoredAtMs = now;
    segments.grew(segment, { bytes: bytes.length, records: count });
    if (segment.committed >= segmentBytes) await seal();
    return segment;
  }

  return {
    async prepare() {
      await current().catch(() => {});
    },
    async append(entries) {
      const firstSequence = nextSequence;
      nextSequence += entries.length;
      const now = clock.wallTime();
      const bytes = encodeFrames(entries, firstSequence, now);
      const batch = { bytes, count: entries.length, now };
      let detail = 'the directory is taken away again and again';
      for (let attempt = 0; attempt < 3; attempt += 1) {
        // Another file takes a head that nobody has counted, and what was taken over has no limit.
        if (!cap.hasRoom({ bytes: bytes.length, records: entries.length }, room())) return FULL;
        try {
          const segment = await write(batch);
          if (segment !== undefined) return { kind: 'stored', segment, firstSequence };
        } catch (error) {
          detail = errorCodeOf(error);
          // A full disk is full for the next file too.
          if (isDiskFull(error)) break;
          if (DIRECTORY_GONE.has(detail)) moveOut();
        }
      }
      return { kind: 'unwritable', detail };
    },
    room,
    position: () => ({ directory, nextSegment, nextSequence }),
    retire() {
      if (active !== undefined && isSpent(active.segment)) void seal();
    },
    async close() {
      await opening?.catch(() => {});
      await seal();
    },
  };
}

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
