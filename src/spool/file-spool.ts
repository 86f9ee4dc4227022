import type { Clock } from '../runtime/clock.ts';
import { createAdoption } from './adoption.ts';
import { FULL, createAppender, createCap, createGroupCommit } from './append.ts';
import type { Liveness } from './directory.ts';
import { createOwnDirectory, requireSafeNow, spoolPaths } from './directory.ts';
import type { FilePort } from './files.ts';
import { createQuarantine } from './quarantine.ts';
import { createReader } from './read.ts';
import { MAX_FRAME_BYTES, encodeFrames, encodeHeader, frameBytes } from './segment-format.ts';
import type { SegmentRef } from './segments.ts';
import { createSegments, segmentPath } from './segments.ts';
import type { RecordRef, Spool, SpooledRecord } from './spool.ts';
import { join } from 'node:path';

/** Room that is left to others on the volume: this much, or this part of a small one. */
const FLOOR_BYTES = 64 * 1024 * 1024;
const FLOOR_PART = 0.05;
/** The volume is asked again after so many bytes, or so many ms while it is too full. */
const ASK_EVERY_BYTES = 1024 * 1024;
const ASK_EVERY_MS = 1_000;

/** Whether the volume has room. */
export interface Capacity {
  /** Whether there was room when the volume was last asked; asks again now and then. */
  hasRoom(): boolean;
  /** So many bytes were written. */
  wrote(bytes: number): void;
}

/** Makes one that supposes there is room until the volume says otherwise. */
export function createCapacity(files: FilePort, path: string, clock: Clock): Capacity {
  let room = true;
  let sinceAsked = ASK_EVERY_BYTES;
  let askedAt = -Infinity;
  let asking = false;

  async function ask(): Promise<void> {
    asking = true;
    sinceAsked = 0;
    askedAt = clock.now();
    try {
      const { free, total } = await files.space(path);
      room = free > Math.min(FLOOR_BYTES, total * FLOOR_PART);
    } catch {
      // What cannot be known does not stop anything: the write itself will tell. Before the first
      // one the directory is not even there, so the question stands.
      room = true;
      sinceAsked = ASK_EVERY_BYTES;
    }
    asking = false;
  }

  return {
    hasRoom() {
      const due = room ? sinceAsked >= ASK_EVERY_BYTES : clock.now() - askedAt >= ASK_EVERY_MS;
      if (due && !asking) void ask();
      return room;
    },
    wrote(bytes) {
      sinceAsked += bytes;
    },
  };
}

/** What a spool in files is made from. */
export interface FileSpoolParts {
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
  /** Told once for each stretch that could not be read. */
  readonly onDamage: () => void;
}

const SMALLEST_SEGMENT = 64 * 1024;
const LARGEST_SEGMENT = 8 * 1024 * 1024;

function defaultSegmentBytes(maxBytes: number): number {
  return Math.min(Math.max(Math.floor(maxBytes / 8), SMALLEST_SEGMENT), LARGEST_SEGMENT);
}

/**
 * Opens a spool in a directory; see {@link Spool} for what it promises.
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
export function createFileSpool(parts: FileSpoolParts): Spool {
  const { files, liveness, clock, newWriter, maxBytes } = parts;
  const paths = spoolPaths(parts.directory);
  const { writers } = paths;
  const segmentBytes = parts.segmentBytes ?? defaultSegmentBytes(maxBytes);
  let events = 0;
  let adopted = 0;
  let corruptRanges = 0;
  let quarantined = 0;
  let closing: Promise<void> | undefined;
  let reading: Promise<unknown> = Promise.resolve();
  const outstanding = new Map<RecordRef, number>();

  const onDamage = (): void => {
    corruptRanges += 1;
    parts.onDamage();
  };
  const own = createOwnDirectory({ files, liveness, writers, newWriter });
  const segments = createSegments({
    files,
    clock,
    onRemoved: (segment) => {
      adoption.removed(segment);
    },
    onVanished: (records) => {
      events -= records;
    },
  });
  const quarantine = createQuarantine({
    files,
    clock,
    directory: paths.quarantine,
    name: () => own.writer ?? newWriter(),
  });
  const adoption = createAdoption({
    files,
    liveness,
    own,
    segments,
    quarantine,
    writers,
    onDamage,
  });
  const reader = createReader({ files, segments, logOf: (one) => adoption.logOf(one), onDamage });
  const cap = createCap({ maxBytes, segmentBytes, segments });
  const appender = createAppender({ files, clock, segments, segmentBytes, cap, own });
  const capacity = createCapacity(files, writers, clock);
  const commits = createGroupCommit(appender, (count) => {
    events += count;
  });

  /** One at a time: reading and taking over move the same places. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = reading.then(work, work);
    reading = turn;
    return turn;
  }

  async function claim(limit: number): Promise<readonly SpooledRecord[]> {
    const records = await reader.next(limit);
    for (const { ref, storedAtMs } of records) outstanding.set(ref, storedAtMs);
    return records;
  }

  function acknowledge(ref: RecordRef): void {
    if (!outstanding.delete(ref)) return;
    events -= 1;
    // Made by the reader of this spool.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    segments.acknowledge(ref as SegmentRef);
  }

  function oldestAgeMs(): number | undefined {
    if (events === 0) return undefined;
    const [claimedAt] = outstanding.values();
    const at = claimedAt ?? segments.oldestUnreadAtMs();
    return at === undefined ? 0 : Math.max(0, clock.wallTime() - at);
  }

  async function close(): Promise<void> {
    await commits.settled();
    await inTurn(() => reader.close());
    await appender.close();
    await segments.flush();
    await quarantine.close();
    await adoption.settled();
    await own.close();
  }

  return {
    store(entry) {
      if (closing !== undefined) return Promise.resolve({ kind: 'closed', detail: 'closed' });
      const bytes = frameBytes(entry);
      if (bytes > MAX_FRAME_BYTES) {
        return Promise.resolve({ kind: 'unwritable', detail: 'an event above 1 MiB' });
      }
      const pending = commits.pending();
      const load = { bytes: pending.bytes + bytes, records: pending.records + 1 };
      if (!cap.hasRoom(load, appender.room())) {
        if (pending.records === 0) appender.retire();
        return Promise.resolve(FULL);
      }
      if (!capacity.hasRoom()) {
        return Promise.resolve({ kind: 'unwritable', detail: 'the disk is nearly full' });
      }
      capacity.wrote(bytes);
      return commits.store(entry);
    },
    claim: (limit) => inTurn(() => claim(limit)),
    acknowledge,
    async quarantine(event) {
      if (!(await quarantine.keep(event))) return false;
      quarantined += 1;
      acknowledge(event.record.ref);
      return true;
    },
    adopt: () =>
      inTurn(async () => {
        if (closing !== undefined) return 0;
        await appender.prepare();
        const records = await adoption.adopt();
        events += records;
        adopted += records;
        return records;
      }),
    stats: () => ({
      events,
      bytes: segments.bytes(),
      oldestAgeMs: oldestAgeMs(),
      adopted,
      corruptRanges,
      quarantined,
    }),
    settled: () => commits.settled(),
    storeRestNow() {
      const { underWay, waiting } = commits.uncommitted();
      if (underWay.length + waiting.length === 0) return;
      requireSafeNow(files, paths);
      const { directory, nextSegment, nextSequence } = appender.position();
      const writer = directory?.writer ?? newWriter();
      // What a write is under way for has its numbers already; twice on disk, it is offered once.
      const first = nextSequence - underWay.length;
      const frames = encodeFrames([...underWay, ...waiting], first, clock.wallTime());
      const path = segmentPath(directory?.path ?? join(writers, writer), nextSegment);
      files.createFileNow(path, Buffer.concat([encodeHeader(writer), frames]));
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
