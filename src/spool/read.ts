import type { FilePort, OpenFile } from './files.ts';
import { errorCodeOf, isPassing, readUpTo } from './files.ts';
import type { Frame, SequenceSet } from './segment-format.ts';
import { nextMagic, readFrame } from './segment-format.ts';
import type { Segment, SegmentRef, Segments } from './segments.ts';
import type { SpooledRecord } from './spool.ts';
import { dirname } from 'node:path';

/** A stretch of a segment that is no frame. */
export interface DamagedRange {
  readonly from: number;
  readonly to: number;
  /** It is at the end and simply stops: a write that was cut off, not damage. */
  readonly torn: boolean;
}

/** What a stretch of a segment holds. */
export interface Scan {
  readonly frames: readonly Frame[];
  readonly damaged: readonly DamagedRange[];
  /** Bytes that need not be read again. */
  readonly consumed: number;
  /** So many bytes from there on are needed for the next frame; 0 when it does not matter. */
  readonly needed: number;
}

/** How to scan. */
export interface ScanOptions {
  /** Whether nothing follows behind the buffer. */
  readonly atEnd: boolean;
  /** Most frames to return. */
  readonly limit: number;
}

function isBlank(buffer: Buffer, from: number): boolean {
  for (let at = from; at < buffer.length; at += 1) if (buffer[at] !== 0) return false;
  return true;
}

/**
 * Reads frames until the buffer or the limit is at its end. Behind damage it goes on at the next
 * frame that is whole: damage costs the records it hits, never their neighbours.
 */
export function scanFrames(buffer: Buffer, { atEnd, limit }: ScanOptions): Scan {
  const frames: Frame[] = [];
  const damaged: DamagedRange[] = [];
  let at = 0;
  while (at < buffer.length && frames.length < limit) {
    const found = readFrame(buffer, at);
    if (found.kind === 'frame') {
      frames.push(found.frame);
      at += found.frame.bytes;
    } else if (found.kind === 'short' && !atEnd) {
      return { frames, damaged, consumed: at, needed: found.needed };
    } else {
      const next = nextWhole(buffer, at + 1, atEnd);
      const torn = next === buffer.length && (found.kind === 'short' || isBlank(buffer, at));
      damaged.push({ from: at, to: next, torn });
      at = next;
    }
  }
  return { frames, damaged, consumed: at, needed: 0 };
}

/** Where the next frame that is whole begins, or may begin; the end of the buffer when none does. */
function nextWhole(buffer: Buffer, from: number, atEnd: boolean): number {
  for (let at = nextMagic(buffer, from); at >= 0; at = nextMagic(buffer, at + 1)) {
    const { kind } = readFrame(buffer, at);
    if (kind === 'frame' || (kind === 'short' && !atEnd)) return at;
  }
  // The last bytes may be the beginning of a magic whose rest is not in the buffer.
  return atEnd ? buffer.length : Math.max(from, buffer.length - 3);
}

/** Bytes that are read, and scanned in one go of the program, at once. */
export const WINDOW_BYTES: number = 256 * 1024;

/** A part of a file and what was found in it. */
export interface ScannedWindow {
  /** Where in the file it begins. */
  readonly at: number;
  readonly buffer: Buffer;
  readonly scan: Scan;
}

/**
 * Scans a file from one place to another, window by window: neither the memory nor the time between
 * two turns of the event loop grows with the file. A window is as large as it takes to hold a frame.
 */
export async function* scanWindows(
  file: OpenFile,
  from: number,
  to: number,
): AsyncGenerator<ScannedWindow> {
  let at = from;
  let size = WINDOW_BYTES;
  while (at < to) {
    const bytes = Math.min(size, to - at);
    const buffer = await readUpTo(file, bytes, at);
    const atEnd = buffer.length < bytes || at + bytes === to;
    const scan = scanFrames(buffer, { atEnd, limit: Infinity });
    if (scan.consumed === 0 && !atEnd) size *= 2;
    else {
      size = WINDOW_BYTES;
      yield { at, buffer, scan };
      if (atEnd) return;
      at += scan.consumed;
    }
  }
}

/** A stretch of a file that is no frame, with its bytes. */
export interface Damage {
  readonly from: number;
  readonly bytes: Buffer;
  /** It is at the end and simply stops: a write that was cut off. */
  readonly torn: boolean;
}

/** Puts damaged ranges together that windows have cut. */
export interface DamageLog {
  /** A range of a window that begins at `at`. */
  add(at: number, window: Buffer, range: DamagedRange): void;
  /** All of them, in order. */
  all(): readonly Damage[];
}

interface Growing {
  readonly from: number;
  to: number;
  readonly pieces: Buffer[];
  torn: boolean;
}

function isBlankOfDamage(pieces: readonly Buffer[]): boolean {
  return pieces.every((piece) => piece.every((byte) => byte === 0));
}

/** Makes an empty one. */
export function createDamageLog(): DamageLog {
  const ranges: Growing[] = [];
  return {
    add(at, window, { from, to, torn }) {
      const last = ranges.at(-1);
      const piece = window.subarray(from, to);
      if (last?.to === at + from) {
        last.pieces.push(piece);
        last.to = at + to;
        // Zeros at the end of a file are a write that was cut off, however many there are.
        last.torn = torn && isBlankOfDamage(last.pieces);
      } else ranges.push({ from: at + from, to: at + to, pieces: [piece], torn });
    },
    all: () =>
      ranges.map(({ from, pieces, torn }) => ({ from, bytes: Buffer.concat(pieces), torn })),
  };
}

/** What is known of the records of a writer that is gone. */
export interface AdoptedLog {
  readonly acknowledged: SequenceSet;
  /** Handed out already: a record may stand in two segments, after a failed write. */
  readonly offered: SequenceSet;
}

/** What reading needs. */
export interface ReaderDeps {
  readonly files: FilePort;
  readonly segments: Segments;
  /** `undefined` for one's own segments: they hold each record once, and none is acknowledged. */
  readonly logOf: (segment: Segment) => AdoptedLog | undefined;
  /** A stretch of a segment could not be read. */
  readonly onDamage: (segment: Segment) => void;
}

/** Reads the segments of a spool, one record after the other. */
export interface Reader {
  /** The next records, at most `limit`. Never rejects. */
  next(limit: number): Promise<readonly SpooledRecord[]>;
  close(): Promise<void>;
}

/** Makes a reader; memory does not grow with what there is to read. */
export function createReader({ files, segments, logOf, onDamage }: ReaderDeps): Reader {
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
    if (!isThere) segments.vanished(segment);
    else {
      segment.offset = segment.committed;
      leave(segment);
    }
  }

  async function standsAt(path: string): Promise<boolean> {
    return (await files.identity(path).catch(() => undefined)) !== undefined;
  }

  async function next(limit: number): Promise<readonly SpooledRecord[]> {
    // Nothing would be read, and so no end be reached.
    if (limit <= 0) return [];
    for (;;) {
      const segment = segments.firstUnread();
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
        segments.settle(segment);
      }
      if (records.length > 0) return records;
    }
  }

  return { next, close: closeFile };
}
