import type { Clock } from '../runtime/clock.ts';
import type { OwnDirectory, WriterDirectory } from './directory.ts';
import { detailOf } from './directory.ts';
import type { FileIdentity, FilePort, OpenFile } from './files.ts';
import { errorCodeOf, isDiskFull, stillStands, writeAll } from './files.ts';
import { encodeFrames, encodeHeader, frameBytes } from './segment-format.ts';
import type { Load, Segment, SegmentRef, Segments } from './segments.ts';
import { segmentPath } from './segments.ts';
import type { SpoolEntry, StoreResult } from './spool.ts';

/** Most bytes of one write: encoding them holds up the event loop for a few milliseconds. */
const MOST_BYTES = 1024 * 1024;

interface Pending {
  readonly entry: SpoolEntry;
  readonly bytes: number;
  readonly resolve: (result: StoreResult) => void;
}

/**
 * Puts concurrent stores into one write and one sync. While a commit is under way, others gather for
 * the next: the slower the disk, the larger the groups.
 */
export class GroupCommit {
  readonly #appender: Appender;
  #waiting: Pending[] = [];
  #underWay: Pending[] = [];
  #pendingBytes = 0;
  #running: Promise<void> | undefined;

  constructor(appender: Appender) {
    this.#appender = appender;
  }

  store(entry: SpoolEntry): Promise<StoreResult> {
    const bytes = frameBytes(entry);
    this.#pendingBytes += bytes;
    const stored = new Promise<StoreResult>((resolve) => {
      this.#waiting.push({ entry, bytes, resolve });
    });
    this.#running ??= this.#run();
    return stored;
  }

  async settled(): Promise<void> {
    await this.#running;
  }

  /** What is not committed. */
  pending(): Load {
    return {
      bytes: this.#pendingBytes,
      records: this.#waiting.length + this.#underWay.length,
    };
  }

  /** Writes, blocking, what is not committed; a write that is under way goes on meanwhile. */
  storeRestNow(): void {
    const rest = [...this.#underWay, ...this.#waiting].map(({ entry }) => entry);
    this.#appender.appendNow(rest, this.#underWay.length);
  }

  async #run(): Promise<void> {
    // What is stored in one go of the program belongs to one commit.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      this.#underWay = this.#takeGroup();
      const appended = await this.#appender.append(this.#underWay.map(({ entry }) => entry));
      const done = this.#underWay;
      this.#underWay = [];
      for (const [index, { bytes, resolve }] of done.entries()) {
        this.#pendingBytes -= bytes;
        resolve(resultOf(appended, index));
      }
    }
    this.#running = undefined;
  }

  #takeGroup(): Pending[] {
    let bytes = 0;
    const over = this.#waiting.findIndex((pending) => (bytes += pending.bytes) > MOST_BYTES);
    // A record that is above the limit by itself goes alone.
    return this.#waiting.splice(0, over < 0 ? this.#waiting.length : Math.max(over, 1));
  }
}

function resultOf(appended: Appended, index: number): StoreResult {
  if (appended.kind !== 'stored') return appended;
  const { segment, firstSequence } = appended;
  const ref: SegmentRef = { writer: segment.writer, sequence: firstSequence + index, segment };
  return { kind: 'stored', ref };
}

/** The cap forbids it. */
export const FULL = { kind: 'full', detail: 'spool.maxBytes reached' } as const;

/** Where a batch went. */
type Appended =
  | { readonly kind: 'stored'; readonly segment: Segment; readonly firstSequence: number }
  | { readonly kind: 'full' | 'unwritable'; readonly detail: string };

interface Active {
  readonly segment: Segment;
  readonly file: OpenFile;
  readonly identity: FileIdentity;
}

const DIRECTORY_GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ESTALE']);

/**
 * Puts batches on disk, one at a time.
 *
 * - A batch counts as stored only after `fdatasync`, and only if its file still stands at its path:
 *   who took this writer for dead has renamed its directory, and may have read it already.
 * - A file whose sync failed is never synced again: the kernel may have dropped the pages and would
 *   report success.
 * - A sequence is never used for two different records, also not after a failure.
 */
export class Appender {
  readonly #files: FilePort;
  readonly #clock: Clock;
  readonly #segments: Segments;
  readonly #own: OwnDirectory;
  #directory: WriterDirectory | undefined;
  #active: Active | undefined;
  #opening: Promise<Active> | undefined;
  #nextSegment = 1;
  #nextSequence = 1;

  constructor(files: FilePort, clock: Clock, segments: Segments, own: OwnDirectory) {
    this.#files = files;
    this.#clock = clock;
    this.#segments = segments;
    this.#own = own;
  }

  /** Makes the first file ready, so that the first batch does not wait for it. Never rejects. */
  async prepare(): Promise<void> {
    await this.#current().catch(() => {});
  }

  /** Resolves when the batch survives the power. Never rejects. */
  async append(entries: readonly SpoolEntry[]): Promise<Appended> {
    const firstSequence = this.#nextSequence;
    this.#nextSequence += entries.length;
    const now = this.#clock.wallTime();
    const bytes = encodeFrames(entries, firstSequence, now);
    const load = { bytes: bytes.length, records: entries.length };
    let detail = 'the directory is taken away again and again';
    for (let attempt = 0; attempt < 3; attempt += 1) {
      // Another file takes a head that nobody has counted, and what was taken over has no limit.
      if (!this.hasRoom(load)) return FULL;
      try {
        const segment = await this.#write(bytes);
        if (segment !== undefined) {
          this.#segments.grew(segment, load, now);
          if (this.#segments.isFull(segment)) await this.#seal();
          return { kind: 'stored', segment, firstSequence };
        }
      } catch (error) {
        detail = detailOf(error);
        // A full disk is full for the next file too.
        if (isDiskFull(error)) break;
        if (DIRECTORY_GONE.has(errorCodeOf(error))) this.#moveOut();
      }
    }
    return { kind: 'unwritable', detail };
  }

  /** Whether the cap allows so much more. */
  hasRoom(load: Load): boolean {
    return this.#segments.hasRoom(load, this.#active?.segment);
  }

  /**
   * Puts entries on disk before it returns, in a file of their own; for the end of the process.
   *
   * @param underWay - how many of them, the first ones, `append` has begun with: they have their
   *   numbers already, and twice on disk they are offered once
   */
  appendNow(entries: readonly SpoolEntry[], underWay: number): void {
    const { writer, path: folder } = this.#directory ?? this.#own.another();
    const first = this.#nextSequence - underWay;
    const frames = encodeFrames(entries, first, this.#clock.wallTime());
    const path = segmentPath(folder, this.#nextSegment);
    this.#files.createFileNow(path, Buffer.concat([encodeHeader(writer), frames]));
  }

  /**
   * Closes the open segment if nothing in it is needed any more, so that its bytes can be freed.
   * Only while no batch is under way.
   */
  retire(): void {
    if (this.#active?.segment.isSpent() === true) void this.#seal();
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => {});
    await this.#seal();
  }

  /** The segment that is open for writing; whoever asks while it is being made waits for it. */
  async #current(): Promise<Active> {
    if (this.#active !== undefined) return this.#active;
    this.#opening ??= this.#openSegment();
    try {
      this.#active = await this.#opening;
      return this.#active;
    } finally {
      this.#opening = undefined;
    }
  }

  async #openSegment(): Promise<Active> {
    this.#directory ??= await this.#own.open();
    const { writer, path: folder } = this.#directory;
    const path = segmentPath(folder, this.#nextSegment);
    this.#nextSegment += 1;
    const file = await this.#files.createFile(path);
    try {
      await writeAll(file, encodeHeader(writer), 0);
      await this.#files.syncDirectory(folder);
      const identity = await file.identity();
      return { segment: this.#segments.begin(writer, path), file, identity };
    } catch (error) {
      await file.close().catch(() => {});
      await this.#files.unlink(path).catch(() => {});
      throw error;
    }
  }

  /** Resolves to the segment that has the bytes for good; `undefined` when its file was taken away. */
  async #write(bytes: Buffer): Promise<Segment | undefined> {
    const { segment, file, identity } = await this.#current();
    try {
      await writeAll(file, bytes, segment.committed);
    } catch (error) {
      // What the write left behind is taken back: a full disk has room again by that alone. What is
      // in the file gives its bytes back once it is delivered, and only if nothing is added to it.
      if (isDiskFull(error)) await file.truncate(segment.committed).catch(() => {});
      if (!isDiskFull(error) || !segment.isEmpty()) await this.#seal();
      throw error;
    }
    try {
      await file.sync();
    } catch (error) {
      await this.#seal();
      throw error;
    }
    if (await stillStands(this.#files, segment.path, identity)) return segment;
    await this.#seal();
    this.#moveOut();
    return undefined;
  }

  async #seal(): Promise<void> {
    const closing = this.#active;
    this.#active = undefined;
    if (closing === undefined) return;
    closing.segment.seal();
    this.#segments.settle();
    await closing.file.close().catch(() => {});
  }

  #moveOut(): void {
    this.#directory = undefined;
    this.#own.lost();
  }
}
