import type { Clock } from '../runtime/clock.ts';
import type { FilePort, OpenFile } from './files.ts';
import { errorCodeOf, readUpTo, writeAll } from './files.ts';
import type { SequenceSet } from './segment-format.ts';
import { ACK_BYTES, HEADER_BYTES, encodeAcks, readAcks } from './segment-format.ts';
import type { RecordRef } from './spool.ts';
import { join } from 'node:path';

/** File of the n-th segment of a writer. */
export function segmentPath(folder: string, number: number): string {
  return join(folder, `${number.toString(16).padStart(8, '0')}.seg`);
}

function ackPath(path: string): string {
  return path.replace(/\.seg$/, '.ack');
}

/** Adds the acknowledgements beside a segment to a set; resolves to the bytes of their file. */
export async function readAcksOf(
  files: FilePort,
  path: string,
  into: SequenceSet,
): Promise<number> {
  const found = await files.identity(ackPath(path));
  if (found === undefined) return 0;
  const file = await files.openFile(ackPath(path));
  try {
    const acks = await readUpTo(file, found.size, 0);
    readAcks(acks, into);
    return acks.length;
  } finally {
    await file.close();
  }
}

/** A reference that leads back to the segment without a search. */
export interface SegmentRef extends RecordRef {
  readonly segment: Segment;
}

/** What is known of the records of a writer that is gone, in all of its segments. */
export interface OrphanLog {
  readonly acknowledged: SequenceSet;
  /** Handed out already: a record may stand in two segments, after a failed write. */
  readonly offered: SequenceSet;
}

/** A segment as a writer that is gone has left it. */
export interface FoundSegment {
  readonly path: string;
  /** Bytes behind which its frames begin; all of them when there is nothing to deliver. */
  readonly offset: number;
  readonly committed: number;
  /** Records in it that are to be delivered. */
  readonly records: number;
  readonly firstStoredAtMs: number | undefined;
  /** Bytes of its side file that are whole. */
  readonly ackBytes: number;
  /** Puts aside what could not be put aside yet, and without which it must not go. */
  readonly rescue: (() => Promise<boolean>) | undefined;
  /** It holds a record that stands in another one too. */
  readonly repeats: boolean;
}

/** What a writer that is gone has left. */
export interface Orphan {
  readonly writer: string;
  readonly log: OrphanLog;
  readonly segments: readonly FoundSegment[];
  /** Told when the last segment is gone from the disk. */
  readonly onGone: () => void;
}

/**
 * One segment file and its numbers, which nobody else changes.
 *
 * - What is read is on disk for good: the offset is never above what is committed.
 * - Its file is needed until nothing is added any more, all of it was read and every record that was
 *   handed out is acknowledged; where something in it could not be read, it is needed for good.
 */
export class Segment {
  /** The writer its records are of. */
  readonly writer: string;
  readonly path: string;
  /** When its first record was stored, ms since the epoch. */
  #firstStoredAtMs: number | undefined;
  #committed: number;
  #offset: number;
  #sealed: boolean;
  #stays = false;
  #rescue: FoundSegment['rescue'];
  #records: number;
  #offered = 0;
  #acknowledged = 0;
  #unsavedAcks: number[] = [];
  #ackBytes: number;
  /** Bytes of the side file before this process wrote into it. */
  readonly #foundAckBytes: number;
  readonly #log: OrphanLog | undefined;

  /** @param log - `undefined` for one that this process has begun, and adds to */
  constructor(writer: string, found: FoundSegment, log: OrphanLog | undefined) {
    this.writer = writer;
    this.path = found.path;
    this.#committed = found.committed;
    this.#offset = found.offset;
    this.#records = found.records;
    this.#firstStoredAtMs = found.firstStoredAtMs;
    this.#ackBytes = found.ackBytes;
    this.#foundAckBytes = found.ackBytes;
    this.#rescue = found.rescue;
    this.#sealed = log !== undefined;
    this.#log = log;
  }

  /** So much was added for good. */
  grow(bytes: number, records: number, nowMs: number): void {
    this.#firstStoredAtMs ??= nowMs;
    this.#committed += bytes;
    this.#records += records;
  }

  /** Nothing is added any more. */
  seal(): void {
    this.#sealed = true;
  }

  /** Everything up to there was read. */
  readTo(offset: number): void {
    this.#offset = offset;
  }

  /**
   * Hands out a record; `false` when it must not be, since it is acknowledged or was handed out
   * from another segment.
   */
  offer(sequence: number): boolean {
    const log = this.#log;
    if (log !== undefined && (log.acknowledged.has(sequence) || !log.offered.add(sequence))) {
      return false;
    }
    this.#offered += 1;
    return true;
  }

  acknowledge(sequence: number): void {
    this.#acknowledged += 1;
    this.#unsavedAcks.push(sequence);
  }

  /** Something in it could not be read: the file is left to the next process. */
  stay(): void {
    this.#stays = true;
  }

  /**
   * Adds the acknowledgements to the side file, without a sync: one that is lost costs a duplicate,
   * which the idempotency key makes harmless. Resolves to the bytes that were added.
   */
  async saveAcks(files: FilePort): Promise<number> {
    const acks = this.#unsavedAcks;
    if (acks.length === 0) return 0;
    const bytes = encodeAcks(acks);
    this.#unsavedAcks = [];
    let added = 0;
    try {
      const file = await this.#openSideFile(files);
      try {
        await writeAll(file, bytes, this.#ackBytes);
        added = bytes.length;
        this.#ackBytes += added;
      } finally {
        await file.close();
      }
    } catch {
      // A full disk may have room once other segments are gone. Where it has none before this process
      // ends, the next one sends the records again, under the same keys.
      if (added === 0) this.#unsavedAcks = [...acks, ...this.#unsavedAcks];
    }
    return added;
  }

  /** Removes its files; `false` when that failed. */
  async remove(files: FilePort): Promise<boolean> {
    try {
      await files.unlink(this.path);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') return false;
    }
    await files.unlink(ackPath(this.path)).catch(() => {});
    return true;
  }

  /** Puts aside what must not go with its files; whether that is done. Never rejects. */
  async rescued(): Promise<boolean> {
    if (this.#rescue !== undefined && (await this.#rescue().catch(() => false))) {
      this.#rescue = undefined;
    }
    return this.#rescue === undefined;
  }

  /** Whether every record that is in it so far was handed out and acknowledged. */
  isSpent(): boolean {
    return !this.hasUnread() && !this.#stays && this.#acknowledged >= this.#offered;
  }

  /** Whether there is nothing behind its head. */
  isEmpty(): boolean {
    return this.#committed <= HEADER_BYTES;
  }

  /** Whether nothing in it will be needed any more. */
  isFinished(): boolean {
    return this.#sealed && this.isSpent();
  }

  hasUnread(): boolean {
    return this.#offset < this.#committed;
  }

  /** Whether there is nothing to read in it and never will be. */
  isReadOut(): boolean {
    return this.#sealed && !this.hasUnread();
  }

  /** Whether a writer that is gone has left it. */
  get isAdopted(): boolean {
    return this.#log !== undefined;
  }

  /** Bytes that are on disk for good and may be read. */
  get committed(): number {
    return this.#committed;
  }

  /** Bytes that were read. */
  get offset(): number {
    return this.#offset;
  }

  get firstStoredAtMs(): number | undefined {
    return this.#firstStoredAtMs;
  }

  /** Records that are to be delivered and were not handed out. */
  get left(): number {
    return Math.max(0, this.#records - this.#offered);
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#committed + this.#ackBytes;
  }

  /** Bytes on disk once every record in it is acknowledged. */
  get mostBytes(): number {
    return this.#committed + this.#foundAckBytes + this.#records * ACK_BYTES;
  }

  #openSideFile(files: FilePort): Promise<OpenFile> {
    const path = ackPath(this.path);
    return this.#ackBytes > 0
      ? files.openFile(path)
      : files.createFile(path).catch(() => files.openFile(path));
  }
}

/** Records that are to be written. */
export interface Load {
  /** Bytes of their frames. */
  readonly bytes: number;
  readonly records: number;
}

/** How large a spool and its segments get. */
export interface SpoolLimits {
  /** Most bytes of segments and acknowledgements on disk. */
  readonly maxBytes: number;
  /** A segment is closed at this size. */
  readonly segmentBytes: number;
}

/** The segments that one writer has left. */
interface Group {
  readonly segments: Segment[];
  /**
   * No file goes before all may: of a record that was written twice, because the first sync failed,
   * only one copy is on the disk for sure, and it cannot be told which.
   */
  readonly together: boolean;
  readonly onGone: () => void;
  left: number;
}

/** A segment of which only the head is written. */
export const EMPTY: Omit<FoundSegment, 'path'> = {
  offset: HEADER_BYTES,
  committed: HEADER_BYTES,
  records: 0,
  firstStoredAtMs: undefined,
  ackBytes: 0,
  rescue: undefined,
  repeats: false,
};

/** Time in which acknowledgements are gathered for one write, ms. */
const SAVE_AFTER_MS = 50;

/**
 * The segments of a spool, in the order in which they are read, and what they add up to.
 *
 * - Those of writers that are gone come before one's own.
 * - Acknowledgements are saved in batches, and a file is removed once all of it is acknowledged; that
 *   works on a full disk, where writing does not.
 * - The byte cap counts what is being stored, its acknowledgements and the heads of new segments.
 *   What was taken over counts too, but nothing is refused or removed because of it.
 */
export class Segments {
  readonly #files: FilePort;
  readonly #clock: Clock;
  readonly #limits: SpoolLimits;
  readonly #onDamage: () => void;
  #segmentBytes: number;
  readonly #all: Segment[] = [];
  readonly #groups = new Map<Segment, Group>();
  #adopted = 0;
  #events = 0;
  #bytes = 0;
  #mostBytes = 0;
  #corruptRanges = 0;
  #timer: (() => void) | undefined;
  #working: Promise<void> = Promise.resolve();

  /** @param onDamage - told once for each stretch that could not be read */
  constructor(files: FilePort, clock: Clock, limits: SpoolLimits, onDamage: () => void) {
    this.#files = files;
    this.#clock = clock;
    this.#limits = limits;
    this.#segmentBytes = limits.segmentBytes;
    this.#onDamage = onDamage;
  }

  /** Takes in one of which this process has written the head. */
  begin(writer: string, path: string): Segment {
    const segment = new Segment(writer, { ...EMPTY, path }, undefined);
    this.#all.push(segment);
    this.#count(segment);
    return segment;
  }

  /** Takes in what a writer that is gone has left; returns the number of records. */
  adopt(orphan: Orphan): number {
    const { segments: all, onGone } = orphan;
    const together = all.some(({ repeats }) => repeats);
    const group: Group = { segments: [], together, onGone, left: all.length };
    let records = 0;
    for (const found of all) {
      const segment = new Segment(orphan.writer, found, orphan.log);
      group.segments.push(segment);
      this.#groups.set(segment, group);
      this.#all.splice(this.#adopted, 0, segment);
      this.#adopted += 1;
      this.#count(segment);
      records += found.records;
    }
    this.#events += records;
    this.settle();
    return records;
  }

  #count(segment: Segment): void {
    this.#bytes += segment.bytes;
    this.#mostBytes += segment.mostBytes;
  }

  /** So much was added to a segment for good. */
  grew(segment: Segment, { bytes, records }: Load, nowMs: number): void {
    segment.grow(bytes, records, nowMs);
    this.#events += records;
    this.#bytes += bytes;
    this.#mostBytes += bytes + records * ACK_BYTES;
  }

  /** On a small volume segments are small too: only a whole one gives its bytes back. */
  limitTo(segmentBytes: number): void {
    this.#segmentBytes = Math.min(this.#limits.segmentBytes, segmentBytes);
  }

  /** The first segment that has something left to read, of those that may be read now. */
  firstUnread(mayRead: (segment: Segment) => boolean = () => true): Segment | undefined {
    return this.#all.find((segment) => segment.hasUnread() && mayRead(segment));
  }

  acknowledge({ segment, sequence }: SegmentRef): void {
    segment.acknowledge(sequence);
    this.#events -= 1;
    this.settle();
  }

  /** A stretch could not be read. */
  damaged(): void {
    this.#corruptRanges += 1;
    this.#onDamage();
  }

  /** The file of a segment was taken away by somebody else. */
  vanished(segment: Segment): void {
    this.#events -= segment.left;
    this.#takeOut(segment);
  }

  /** Saves acknowledgements and removes what can go, soon. */
  settle(): void {
    this.#timer ??= this.#clock.after({
      ms: SAVE_AFTER_MS,
      hold: 'background',
      run: () => void this.flush(),
    });
  }

  /** Does so now. */
  flush(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    const work = (): Promise<void> => this.#saveAndRemove();
    this.#working = this.#working.then(work, work);
    return this.#working;
  }

  /** Whether there is room for records and all that comes with them. */
  hasRoom(load: Load, open: Segment | undefined): boolean {
    const heads = this.#mostHeads(load, open) * HEADER_BYTES;
    const needed = load.bytes + load.records * ACK_BYTES + heads;
    return this.#mostBytes + needed <= this.#limits.maxBytes;
  }

  /** A segment is closed by the write that reaches its size; each new one takes a write at least. */
  #mostHeads({ bytes, records }: Load, open: Segment | undefined): number {
    const segmentBytes = this.#segmentBytes;
    const room = open === undefined ? 0 : Math.max(0, segmentBytes - open.committed);
    if (bytes <= room) return 0;
    return Math.min(records, Math.ceil((bytes - room) / Math.max(1, segmentBytes - HEADER_BYTES)));
  }

  /** Whether it has reached its size. */
  isFull({ committed }: Segment): boolean {
    return committed >= this.#segmentBytes;
  }

  /** Records that are not acknowledged. */
  get events(): number {
    return this.#events;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  get corruptRanges(): number {
    return this.#corruptRanges;
  }

  async #saveAndRemove(): Promise<void> {
    // Some are taken out meanwhile.
    for (const segment of this.#all.slice()) {
      const mayGo = this.#mayGo(segment) && (await segment.rescued());
      if (mayGo && (await segment.remove(this.#files))) this.#takeOut(segment);
      else {
        const added = await segment.saveAcks(this.#files);
        this.#bytes += added;
      }
    }
  }

  #mayGo(segment: Segment): boolean {
    const group = this.#groups.get(segment);
    if (group?.together !== true) return segment.isFinished();
    return group.segments.every((each) => each.isFinished());
  }

  #takeOut(segment: Segment): void {
    const index = this.#all.indexOf(segment);
    if (index < 0) return;
    this.#bytes -= segment.bytes;
    this.#mostBytes -= segment.mostBytes;
    this.#all.splice(index, 1);
    if (index < this.#adopted) this.#adopted -= 1;
    const group = this.#groups.get(segment);
    if (group === undefined) return;
    this.#groups.delete(segment);
    group.left -= 1;
    if (group.left === 0) group.onGone();
  }
}
