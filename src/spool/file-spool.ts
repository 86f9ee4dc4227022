import type { Clock } from '../runtime/clock.ts';
import { Adoption } from './adoption.ts';
import { Appender, FULL, GroupCommit } from './append.ts';
import type { Liveness, SpoolPaths } from './directory.ts';
import { OwnDirectory, requireSafeNow, spoolPaths } from './directory.ts';
import type { FilePort } from './files.ts';
import { Quarantine } from './quarantine.ts';
import { ReadRetries, Reader } from './read.ts';
import { MAX_FRAME_BYTES, frameBytes } from './segment-format.ts';
import type { SegmentRef } from './segments.ts';
import { Segments } from './segments.ts';
import type {
  QuarantinedEvent,
  RecordRef,
  Spool,
  SpoolEntry,
  SpoolStats,
  SpooledRecord,
  StoreResult,
} from './spool.ts';

/** What a spool in files is made from. */
export interface FileSpoolOptions {
  readonly directory: string;
  /** Most bytes of segments and acknowledgements on disk. */
  readonly maxBytes: number;
  /** A segment is closed at this size. @defaultValue an eighth of `maxBytes`, 64 KiB to 8 MiB */
  readonly segmentBytes?: number | undefined;
  readonly files: FilePort;
  readonly liveness: Liveness;
  readonly clock: Clock;
  /** A name for a writer that no other has, and that sorts by the time it was made. */
  readonly newWriter: () => string;
  /** Told once for each stretch that was read and does not check. */
  readonly onDamage: () => void;
  /** Told of the first error at reading, until everything can be read again. */
  readonly onReadError: (code: string) => void;
}

const SMALLEST_SEGMENT = 64 * 1024;
const LARGEST_SEGMENT = 8 * 1024 * 1024;
/** A segment is at most this part of its volume, so that delivery gives room back bit by bit. */
const PART_OF_VOLUME = 1 / 16;

function defaultSegmentBytes(maxBytes: number): number {
  return Math.min(Math.max(Math.floor(maxBytes / 8), SMALLEST_SEGMENT), LARGEST_SEGMENT);
}

/**
 * A spool in a directory; see {@link Spool} for what it promises.
 *
 * `<directory>/v1/<writer>/` holds the segments of one writer, and of no other. Each promise rests
 * on one rule:
 *
 * - A stored record survives the process and the power: `store` resolves after `fdatasync` of the
 *   file, and of every directory that was made for it.
 * - Records come out oldest first: segments are read in the order in which they were written, those
 *   of writers that are gone first.
 * - A claimed record is offered again unless acknowledged: acknowledgements are all that is
 *   remembered of delivery, and a lost one only costs a duplicate.
 * - Deletion only after acknowledgement, and only of whole files.
 * - A damaged record costs itself: every frame checks itself, reading goes on behind it, and the
 *   damaged bytes are put aside.
 * - One directory per writer: nothing is ever written by two. Who is gone is taken over by a rename.
 * - Nothing raw, no key of the ledger and no URL is on disk: entries come redacted and encoded.
 *
 * Nothing happens before the first call.
 */
export class FileSpool implements Spool {
  readonly #files: FilePort;
  readonly #clock: Clock;
  readonly #paths: SpoolPaths;
  readonly #own: OwnDirectory;
  readonly #segments: Segments;
  readonly #capacity: Capacity;
  readonly #appender: Appender;
  readonly #commits: GroupCommit;
  readonly #reader: Reader;
  readonly #retries: ReadRetries;
  readonly #quarantine: Quarantine;
  readonly #adoption: Adoption;
  /** Records that were handed out and not acknowledged, with the time at which they were stored. */
  readonly #outstanding = new Map<RecordRef, number>();
  #adopted = 0;
  #quarantined = 0;
  #closing: Promise<void> | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(options: FileSpoolOptions) {
    const { files, liveness, clock, newWriter, maxBytes, onDamage, onReadError } = options;
    const { segmentBytes = defaultSegmentBytes(maxBytes) } = options;
    this.#files = files;
    this.#clock = clock;
    this.#paths = spoolPaths(options.directory);
    const { writers, quarantine } = this.#paths;
    this.#own = new OwnDirectory(files, liveness, writers, newWriter);
    this.#segments = new Segments(files, clock, { maxBytes, segmentBytes }, onDamage);
    this.#capacity = new Capacity(files, writers, clock, (totalBytes) => {
      this.#segments.limitTo(Math.max(totalBytes * PART_OF_VOLUME, SMALLEST_SEGMENT));
    });
    this.#appender = new Appender(files, clock, this.#segments, this.#own);
    this.#commits = new GroupCommit(this.#appender);
    this.#retries = new ReadRetries(clock, onReadError);
    this.#reader = new Reader(files, this.#segments, this.#retries);
    const name = (): string => this.#own.writer ?? newWriter();
    const place = { directory: quarantine, mostBytes: maxBytes, name };
    this.#quarantine = new Quarantine(files, clock, place);
    const around = { own: this.#own, quarantine: this.#quarantine, retries: this.#retries };
    this.#adoption = new Adoption(files, clock, this.#segments, around);
  }

  store(entry: SpoolEntry): Promise<StoreResult> {
    if (this.#closing !== undefined) return Promise.resolve({ kind: 'closed', detail: 'closed' });
    const bytes = frameBytes(entry);
    if (bytes > MAX_FRAME_BYTES) {
      return Promise.resolve({ kind: 'unwritable', detail: 'an event above 1 MiB' });
    }
    const pending = this.#commits.pending();
    if (!this.#appender.hasRoom({ bytes: pending.bytes + bytes, records: pending.records + 1 })) {
      this.#giveRoom();
      return Promise.resolve(FULL);
    }
    if (!this.#capacity.hasRoom()) {
      this.#giveRoom();
      return Promise.resolve({ kind: 'unwritable', detail: 'the disk is nearly full' });
    }
    this.#capacity.wrote(bytes);
    return this.#commits.store(entry);
  }

  claim(limit: number): Promise<readonly SpooledRecord[]> {
    return this.#inTurn(async () => {
      const records = await this.#reader.next(limit);
      for (const { ref, storedAtMs } of records) this.#outstanding.set(ref, storedAtMs);
      return records;
    });
  }

  acknowledge(ref: RecordRef): void {
    if (!this.#outstanding.delete(ref)) return;
    // Made by the reader of this spool.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    this.#segments.acknowledge(ref as SegmentRef);
    if (this.#capacity.isTight && this.#segments.events === 0) this.#giveRoom();
  }

  async quarantine(event: QuarantinedEvent): Promise<boolean> {
    // Handed over again after it was kept, it is not kept twice.
    if (!this.#outstanding.has(event.record.ref)) return true;
    if (!(await this.#quarantine.keep(event))) return false;
    this.#quarantined += 1;
    this.acknowledge(event.record.ref);
    return true;
  }

  adopt(): Promise<number> {
    return this.#inTurn(async () => {
      if (this.#closing !== undefined) return 0;
      await this.#appender.prepare();
      await this.#quarantine.measure();
      const records = await this.#adoption.adopt();
      this.#adopted += records;
      return records;
    });
  }

  onRetryDue(run: () => void): void {
    this.#retries.onDue(run);
  }

  stats(): SpoolStats {
    return {
      events: this.#segments.events,
      bytes: this.#segments.bytes,
      oldestAgeMs: this.#oldestAgeMs(),
      adopted: this.#adopted,
      corruptRanges: this.#segments.corruptRanges,
      quarantined: this.#quarantined,
      quarantineBytes: this.#quarantine.bytes,
      quarantineErrors: this.#quarantine.errors,
      readErrors: this.#retries.errors,
      unreadable: this.#retries.unreadable,
    };
  }

  settled(): Promise<void> {
    return this.#commits.settled();
  }

  storeRestNow(): void {
    if (this.#commits.pending().records === 0) return;
    requireSafeNow(this.#files, this.#paths);
    this.#commits.storeRestNow();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#retries.close();
    await this.#commits.settled();
    await this.#inTurn(() => this.#reader.close());
    await this.#appender.close();
    await this.#segments.flush();
    await this.#quarantine.close();
    await this.#adoption.settled();
    await this.#own.close();
  }

  /** What was delivered out of the open segment gives its bytes back. */
  #giveRoom(): void {
    if (this.#commits.pending().records === 0) this.#appender.retire();
  }

  /** One at a time: reading and taking over move the same places. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#reading.then(work, work);
    this.#reading = turn;
    return turn;
  }

  #oldestAgeMs(): number | undefined {
    if (this.#segments.events === 0) return undefined;
    const [claimedAt] = this.#outstanding.values();
    const at = claimedAt ?? this.#segments.firstUnread()?.firstStoredAtMs;
    return at === undefined ? 0 : Math.max(0, this.#clock.wallTime() - at);
  }
}

/** Room that is left to others on the volume: this much, or this part of a small one. */
const FLOOR_BYTES = 64 * 1024 * 1024;
const FLOOR_PART = 0.05;
/** The volume is asked again after so many bytes, or so many ms while it is too full. */
const ASK_EVERY_BYTES = 1024 * 1024;
const ASK_EVERY_MS = 1_000;

/** Whether the volume has room; supposes that it has until it says otherwise. */
export class Capacity {
  readonly #files: FilePort;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #onSize: (totalBytes: number) => void;
  #room = true;
  #askAfter = 0;
  #sinceAsked = 0;
  #askedAt = -Infinity;
  #asking = false;

  /** @param onSize - told how large the volume is */
  constructor(
    files: FilePort,
    path: string,
    clock: Clock,
    onSize: (totalBytes: number) => void = () => {},
  ) {
    this.#files = files;
    this.#path = path;
    this.#clock = clock;
    this.#onSize = onSize;
  }

  /** Whether there was room when the volume was last asked; asks again now and then. */
  hasRoom(): boolean {
    const isDue = this.#room
      ? this.#sinceAsked >= this.#askAfter
      : this.#clock.now() - this.#askedAt >= ASK_EVERY_MS;
    if (isDue && !this.#asking) void this.#ask();
    return this.#room;
  }

  /** Whether it had no room when it was last asked. */
  get isTight(): boolean {
    return !this.#room;
  }

  /** So many bytes were written. */
  wrote(bytes: number): void {
    this.#sinceAsked += bytes;
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    this.#sinceAsked = 0;
    this.#askedAt = this.#clock.now();
    try {
      const { free, total } = await this.#files.space(this.#path);
      const left = free - Math.min(FLOOR_BYTES, total * FLOOR_PART);
      this.#room = left > 0;
      // The nearer the floor, the more often: a small volume is full before the first of many bytes.
      this.#askAfter = Math.min(ASK_EVERY_BYTES, left / 4);
      this.#onSize(total);
    } catch {
      // What cannot be known does not stop anything: the write itself will tell. Before the first
      // one the directory is not even there, so the question stands.
      this.#room = true;
      this.#askAfter = 0;
    }
    this.#asking = false;
  }
}
