import type { Clock } from '../runtime/clock.ts';
import type { FilePort, OpenFile } from './files.ts';
import { errorCodeOf, isGone, isPassing, readUpTo } from './files.ts';
import type { Frame } from './segment-format.ts';
import { nextMagic, readFrame, segmentStart } from './segment-format.ts';
import type { Segment, SegmentRef, Segments } from './segments.ts';
import type { SpooledRecord } from './spool.ts';
import { dirname } from 'node:path';

/** Bytes that are read, and scanned in one go of the program, at once. */
export const WINDOW_BYTES: number = 256 * 1024;

/** Wait before what could not be read is tried again, ms; it doubles, up to the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 60_000;
/** After so many errors in a row what is around the place that cannot be read is read without it. */
const MOST_READ_FAILURES = 5;
/** Bytes that a disk gives or refuses together. */
const SECTOR_BYTES = 4_096;
/** The same where the process lacks something, which is nobody's fault. */
const LACK_RETRY_MS = 1_000;

/**
 * What cannot be read just now. That is no damage: nothing is known of the bytes. It is counted,
 * told once, and tried again after a wait that doubles, while everything else goes on.
 */
export class ReadRetries {
  readonly #clock: Clock;
  readonly #told: (code: string) => void;
  readonly #failed = new Map<string, { readonly failures: number; readonly dueAt: number }>();
  readonly #holed = new Set<string>();
  #errors = 0;
  #onDue = (): void => {};
  #nextAt = Infinity;
  #cancel = (): void => {};

  /** @param told - told once of the first error, until everything can be read again */
  constructor(clock: Clock, told: (code: string) => void) {
    this.#clock = clock;
    this.#told = told;
  }

  /** Calls the function whenever something is worth another try. */
  onDue(run: () => void): void {
    this.#onDue = run;
  }

  /** Reading failed. */
  failed(path: string, error: unknown): void {
    if (isPassing(error)) {
      this.#comeBackIn(LACK_RETRY_MS);
      return;
    }
    if (this.#failed.size === 0) this.#told(errorCodeOf(error));
    this.#errors += 1;
    const failures = this.failures(path) + 1;
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
    this.#failed.set(path, { failures, dueAt: this.#clock.now() + waitMs });
    this.#comeBackIn(waitMs);
  }

  worked(path: string): void {
    this.#failed.delete(path);
  }

  /** The file; after errors again and again one whose sectors that cannot be read are blank. */
  patched(path: string, file: OpenFile): OpenFile {
    if (this.failures(path) < MOST_READ_FAILURES && !this.hasHole(path)) return file;
    return { ...file, read: (into, at) => readAround(file, into, at, () => this.#holed.add(path)) };
  }

  /** Whether a part of it cannot be read; it stays where it is, for the next process to try. */
  hasHole(path: string): boolean {
    return this.#holed.has(path);
  }

  /** Whether it may be read now. */
  isDue(path: string): boolean {
    return (this.#failed.get(path)?.dueAt ?? -Infinity) <= this.#clock.now();
  }

  /** Times in a row that it could not be read. */
  failures(path: string): number {
    return this.#failed.get(path)?.failures ?? 0;
  }

  /** Errors so far. */
  get errors(): number {
    return this.#errors;
  }

  /** Files and directories that cannot be read now. */
  get unreadable(): number {
    return new Set([...this.#failed.keys(), ...this.#holed]).size;
  }

  close(): void {
    this.#cancel();
    this.#nextAt = -Infinity;
  }

  #comeBackIn(ms: number): void {
    const at = this.#clock.now() + ms;
    if (at >= this.#nextAt) return;
    this.#cancel();
    this.#nextAt = at;
    const run = (): void => {
      this.#nextAt = Infinity;
      this.#onDue();
    };
    this.#cancel = this.#clock.after({ ms, hold: 'background', run });
  }
}

/**
 * Reads what can be read of a stretch; the other sectors are blank, and told of.
 *
 * @throws Error of the disk when it gives nothing at all: that may be over in a while
 */
async function readAround(
  file: OpenFile,
  into: Uint8Array,
  position: number,
  onHole: () => void,
): Promise<number> {
  try {
    return await file.read(into, position);
  } catch (error) {
    if (errorCodeOf(error) !== 'EIO') throw error;
    let given = 0;
    let at = 0;
    while (at < into.byteLength) {
      const size = SECTOR_BYTES - ((position + at) % SECTOR_BYTES);
      const sector = into.subarray(at, at + size);
      const read = await readSector(file, sector, position + at);
      if (read === 0) break;
      if (read === undefined) sector.fill(0);
      else given += read;
      at += read ?? sector.byteLength;
    }
    if (given === 0) throw error;
    if (given < at) onHole();
    return at;
  }
}

/** The bytes that were read; `undefined` where it cannot be read. */
async function readSector(
  file: OpenFile,
  into: Uint8Array,
  position: number,
): Promise<number | undefined> {
  try {
    return await file.read(into, position);
  } catch (error) {
    if (errorCodeOf(error) !== 'EIO') throw error;
    return undefined;
  }
}

/**
 * Reads the segments of a spool, one record after the other.
 *
 * - Memory does not grow with what there is to read.
 * - What the process lacks just now ends a reading, and costs nothing.
 * - What cannot be read now is passed over, and read later.
 * - A part that can never be read costs the records it hits, and its file stays for good.
 * - What was read and does not check is counted and left to the next process, which puts it aside.
 */
export class Reader {
  readonly #files: FilePort;
  readonly #segments: Segments;
  readonly #retries: ReadRetries;
  #open: { readonly segment: Segment; readonly file: OpenFile } | undefined;

  constructor(files: FilePort, segments: Segments, retries: ReadRetries) {
    this.#files = files;
    this.#segments = segments;
    this.#retries = retries;
  }

  /** The next records, at most `limit`. Never rejects. */
  async next(limit: number): Promise<readonly SpooledRecord[]> {
    // Nothing would be read, and so no end be reached.
    if (limit <= 0) return [];
    for (;;) {
      const segment = this.#segments.firstUnread(({ path }) => this.#retries.isDue(path));
      if (segment === undefined) return [];
      let records: readonly SpooledRecord[] = [];
      try {
        records = await this.#readWindow(segment, limit);
        this.#retries.worked(segment.path);
      } catch (error) {
        // The next try opens it again: an old handle may be all that is wrong.
        await this.close();
        if (isGone(error)) await this.#giveUp(segment, errorCodeOf(error));
        else this.#retries.failed(segment.path, error);
        if (isPassing(error)) return [];
      }
      if (segment.isReadOut()) {
        await this.close();
        this.#segments.settle();
      }
      if (records.length > 0) return records;
    }
  }

  async close(): Promise<void> {
    const closing = this.#open;
    this.#open = undefined;
    await closing?.file.close().catch(() => {});
  }

  /** Bodies are views into the window. */
  async #readWindow(segment: Segment, limit: number): Promise<readonly SpooledRecord[]> {
    const { committed, offset } = segment;
    const left = committed - offset;
    for (let size = WINDOW_BYTES; ; size *= 2) {
      const bytes = Math.min(size, left);
      const buffer = await readUpTo(await this.#fileOf(segment), bytes, offset);
      const atEnd = buffer.length < bytes || bytes === left;
      const { frames, damaged, consumed } = scanFrames(buffer, { atEnd, limit });
      if (consumed === 0 && !atEnd) continue;
      // A file that is shorter than it was has nothing more to give.
      const isCut = buffer.length < bytes && consumed === buffer.length;
      segment.readTo(isCut ? committed : offset + consumed);
      // Those of an adopted segment were counted, and put aside, when it was taken over.
      if (this.#retries.hasHole(segment.path)) segment.stay();
      else if (isCut || (damaged.length > 0 && !segment.isAdopted)) this.#leave(segment);
      return recordsOf(segment, frames);
    }
  }

  async #fileOf(segment: Segment): Promise<OpenFile> {
    if (this.#open?.segment === segment) return this.#open.file;
    await this.close();
    const opened = await this.#files.openFile(segment.path);
    const file = this.#retries.patched(segment.path, opened);
    this.#open = { segment, file };
    return file;
  }

  async #giveUp(segment: Segment, code: string): Promise<void> {
    this.#retries.worked(segment.path);
    const folder = await this.#files.identity(dirname(segment.path)).catch(() => undefined);
    // Its directory was taken over, and who did so delivers what is in it.
    if (code === 'ENOENT' && folder === undefined) this.#segments.vanished(segment);
    else {
      segment.readTo(segment.committed);
      this.#leave(segment);
    }
  }

  #leave(segment: Segment): void {
    segment.stay();
    this.#segments.damaged();
  }
}

function recordsOf(segment: Segment, frames: readonly Frame[]): readonly SpooledRecord[] {
  const records: SpooledRecord[] = [];
  for (const { sequence, storedAtMs, idempotencyKey, requestId, body } of frames) {
    if (!segment.offer(sequence)) continue;
    const ref: SegmentRef = { writer: segment.writer, sequence, segment };
    records.push({ ref, idempotencyKey, requestId, body, storedAtMs });
  }
  return records;
}

/** How to scan a segment. */
export interface SegmentScanOptions {
  /** The writer that its head names. */
  readonly writer: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Told of each frame, oldest first; its body is a view for now. */
  readonly onFrame: (frame: Frame) => void;
  /** Ends the scan. */
  readonly signal?: AbortSignal | undefined;
}

/** Scans a segment from its beginning; resolves to where frames begin and what is no frame. */
export async function scanSegment(
  file: OpenFile,
  { writer, size, onFrame, signal }: SegmentScanOptions,
): Promise<{ readonly start: number; readonly damage: readonly Damage[] }> {
  const start = await segmentStart(file, writer);
  const log = new DamageLog();
  for await (const { at, buffer, scan } of scanWindows(file, start, size)) {
    if (signal?.aborted === true) break;
    for (const frame of scan.frames) onFrame(frame);
    for (const range of scan.damaged) log.add(at, buffer, range);
  }
  return { start, damage: log.all() };
}

/** A stretch of a file that is no frame, with its bytes. */
export interface Damage {
  readonly from: number;
  readonly bytes: Buffer;
  /** It is at the end and simply stops: a write that was cut off. */
  readonly torn: boolean;
}

interface Growing {
  readonly from: number;
  to: number;
  readonly pieces: Buffer[];
  torn: boolean;
}

/** Puts damaged ranges together that windows have cut. */
class DamageLog {
  readonly #ranges: Growing[] = [];

  /** A range of a window that begins at `at`. */
  add(at: number, window: Buffer, { from, to, torn }: DamagedRange): void {
    const last = this.#ranges.at(-1);
    const piece = window.subarray(from, to);
    if (last?.to === at + from) {
      last.pieces.push(piece);
      last.to = at + to;
      // Zeros at the end of a file are a write that was cut off, however many there are.
      last.torn = torn && last.pieces.every((each) => isBlank(each, 0));
    } else this.#ranges.push({ from: at + from, to: at + to, pieces: [piece], torn });
  }

  /** All of them, in order. */
  all(): readonly Damage[] {
    return this.#ranges.map(({ from, pieces, torn }) => {
      return { from, bytes: Buffer.concat(pieces), torn };
    });
  }
}

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
      return { frames, damaged, consumed: at };
    } else {
      const next = nextWhole(buffer, at + 1, atEnd);
      const torn = next === buffer.length && (found.kind === 'short' || isBlank(buffer, at));
      damaged.push({ from: at, to: next, torn });
      at = next;
    }
  }
  return { frames, damaged, consumed: at };
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
