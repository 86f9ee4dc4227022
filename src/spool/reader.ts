import { dirname } from 'node:path';
import type { FilePort, OpenFile } from './file-port.ts';
import type { Frame } from './frame.ts';
import { scanFrames } from './scan.ts';
import type { Segment, SegmentRef } from './segment.ts';
import type { SequenceSet } from './sequence-set.ts';
import type { Shelf } from './shelf.ts';
import type { SpooledRecord } from './spool.ts';
import { errorCodeOf, isPassing } from './system-error.ts';
import { readUpTo } from './whole.ts';

/** Bytes that are read at once. */
const WINDOW_BYTES = 256 * 1024;

/** What is known of the records of a writer that is gone. */
export interface AdoptedLog {
  readonly acknowledged: SequenceSet;
  /** Handed out already: a record may stand in two segments, after a failed write. */
  readonly offered: SequenceSet;
}

/** What reading needs. */
export interface ReaderDeps {
  readonly files: FilePort;
  readonly shelf: Shelf;
  /** `undefined` for one's own segments: they hold each record once, and none is acknowledged. */
  readonly logOf: (segment: Segment) => AdoptedLog | undefined;
  /** A stretch of a segment could not be read. */
  readonly onDamage: (segment: Segment) => void;
}

/** Reads the segments of a shelf, one record after the other. */
export interface Reader {
  /** The next records, at most `limit`. Never rejects. */
  next(limit: number): Promise<readonly SpooledRecord[]>;
  close(): Promise<void>;
}

/** Makes a reader; memory does not grow with what there is to read. */
export function createReader({ files, shelf, logOf, onDamage }: ReaderDeps): Reader {
  let open: { readonly segment: Segment; readonly file: OpenFile } | undefined;

  async function closeFile(): Promise<void> {
    const closing = open;
    open = undefined;
    await closing?.file.close().catch(() => {});
  }

  async function fileOf(segment: Segment): Promise<OpenFile> {
    if (open?.segment === segment) return open.file;
    await closeFile();
    const file = await files.openFile(segment.path);
    open = { segment, file };
    return file;
  }

  function take(segment: Segment, frame: Frame): SpooledRecord | undefined {
    const { sequence, storedAtMs, idempotencyKey, requestId, body } = frame;
    const log = logOf(segment);
    if (log !== undefined && (log.acknowledged.has(sequence) || !log.offered.add(sequence))) {
      return undefined;
    }
    segment.offered += 1;
    const ref: SegmentRef = { writer: segment.writer, sequence, segment };
    return { ref, idempotencyKey, requestId, body, storedAtMs };
  }

  /** What cannot be read is left to the next process, which puts it aside; so the file stays. */
  function leave(segment: Segment): void {
    segment.offered += 1;
    onDamage(segment);
  }

  /** Reads one window; bodies are views into it. */
  async function readWindow(segment: Segment, limit: number): Promise<SpooledRecord[]> {
    const { committed } = segment;
    const left = committed - segment.offset;
    for (let size = WINDOW_BYTES; ; size *= 2) {
      const bytes = Math.min(size, left);
      const buffer = await readUpTo(await fileOf(segment), bytes, segment.offset);
      const atEnd = buffer.length < bytes || bytes === left;
      const { frames, damaged, consumed } = scanFrames(buffer, { atEnd, limit });
      if (consumed === 0 && !atEnd) continue;
      // A file that is shorter than it was has nothing more to give.
      const gone = buffer.length < bytes && consumed === buffer.length;
      segment.offset = gone ? committed : segment.offset + consumed;
      // Those of an adopted segment were counted, and put aside, when it was taken over.
      const holes = logOf(segment) === undefined ? damaged.length : 0;
      if (holes > 0 || gone) leave(segment);
      return frames.map((frame) => take(segment, frame)).filter((record) => record !== undefined);
    }
  }

  async function giveUp(segment: Segment, code: string): Promise<void> {
    const isThere = code !== 'ENOENT' || (await standsAt(dirname(segment.path)));
    // Its directory was taken over, and who did so delivers what is in it.
    if (!isThere) shelf.vanished(segment);
    else {
      segment.offset = segment.committed;
      leave(segment);
    }
  }

  async function standsAt(path: string): Promise<boolean> {
    return (await files.identity(path).catch(() => undefined)) !== undefined;
  }

  async function next(limit: number): Promise<readonly SpooledRecord[]> {
    for (;;) {
      const segment = shelf.firstUnread();
      if (segment === undefined) return [];
      let records: SpooledRecord[] = [];
      try {
        records = await readWindow(segment, limit);
      } catch (error) {
        if (isPassing(error)) return [];
        await giveUp(segment, errorCodeOf(error));
      }
      if (segment.offset >= segment.committed && segment.sealed) {
        await closeFile();
        shelf.settle(segment);
      }
      if (records.length > 0) return records;
    }
  }

  return { next, close: closeFile };
}
