import type { Clock } from '../runtime/clock.ts';
import type { Cap } from './cap.ts';
import type { FileIdentity, FilePort, OpenFile } from './file-port.ts';
import { encodeFrames } from './frame.ts';
import type { Home, WriterDirectory } from './home.ts';
import { HEADER_BYTES, encodeHeader } from './segment-header.ts';
import type { Segment } from './segment.ts';
import { createSegment, isSpent, segmentPath } from './segment.ts';
import type { Shelf } from './shelf.ts';
import type { SpoolEntry } from './spool.ts';
import { errorCodeOf, isDiskFull } from './system-error.ts';
import { stillStands, writeAll } from './whole.ts';

/** The cap forbids it. */
export const FULL = { kind: 'full', detail: 'spool.maxBytes reached' } as const;

const DIRECTORY_GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ESTALE']);

/** What appending needs. */
export interface AppenderDeps {
  readonly files: FilePort;
  readonly clock: Clock;
  readonly shelf: Shelf;
  /** A segment is closed at this size, in bytes. */
  readonly segmentBytes: number;
  readonly cap: Cap;
  readonly home: Home;
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
  const { files, clock, shelf, segmentBytes, cap, home } = deps;
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
    directory ??= await home.open();
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
      shelf.addOwn(segment);
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
    shelf.settle(closing.segment);
    await closing.file.close().catch(() => {});
  }

  function moveOut(): void {
    directory = undefined;
    home.lost();
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
    shelf.grew(segment, { bytes: bytes.length, records: count });
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
