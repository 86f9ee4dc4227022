import type { Clock } from '../runtime/clock.ts';
import type { Liveness } from './directory.ts';
import { isHeld, spoolPaths } from './directory.ts';
import type { FilePort } from './files.ts';
import { errorCodeOf, isGone } from './files.ts';
import { scanSegment } from './read.ts';
import type { Frame } from './segment-format.ts';
import { SequenceSet } from './segment-format.ts';
import { readAcksOf } from './segments.ts';
import { basename, dirname, join } from 'node:path';

/** What one writer has on disk, added up. */
export interface WriterTotals {
  /** Records that are not acknowledged. */
  readonly events: number;
  readonly bytes: number;
  /** Stretches and whole segments that cannot be read. */
  readonly damaged: number;
  /** When the first of the records was stored, ms since the epoch; `undefined` when there is none. */
  readonly oldestAtMs: number | undefined;
}

/** How to read what a writer has on disk. */
export interface Reading {
  /** Told of each record that is not acknowledged, oldest first. Its body is a view for now. */
  readonly onRecord?: (record: Frame) => void;
  /** Ends the reading; the totals are then those of what was read. */
  readonly signal?: AbortSignal | undefined;
}

/** The directory of one writer. */
export interface InspectedWriter {
  /** Name of its directory. */
  readonly name: string;
  /** Whether a living process holds it. */
  readonly alive: boolean;
  /** Reads it from its beginning. Neither it nor anything in it is changed or kept in memory. */
  readonly read: (reading?: Reading) => Promise<WriterTotals>;
}

/** What inspecting needs. */
export interface InspectDeps {
  readonly files: FilePort;
  readonly liveness: Liveness;
  readonly clock: Clock;
}

/** Waits in ms before what gave an error is read again, here where somebody waits for the answer. */
const WAITS_MS = [100, 300, 900];

/** Reads, and reads again where the disk gave an error. */
async function patiently<T>(clock: Clock, read: () => Promise<T>): Promise<T> {
  for (const ms of WAITS_MS) {
    try {
      return await read();
    } catch (error) {
      if (isGone(error)) throw error;
      await new Promise<void>((resolve) => {
        clock.after({ ms, hold: 'process', run: resolve });
      });
    }
  }
  return read();
}

interface SegmentTotals {
  readonly bytes: number;
  readonly damaged: number;
}

async function readSegment(
  files: FilePort,
  path: string,
  { onRecord = () => {}, signal }: Reading,
): Promise<SegmentTotals> {
  const file = await files.openFile(path);
  try {
    const { size } = await file.identity();
    const [writer = ''] = basename(dirname(path)).split('@');
    const { damage } = await scanSegment(file, { writer, size, onFrame: onRecord, signal });
    return { bytes: size, damaged: damage.filter(({ torn }) => !torn).length };
  } finally {
    await file.close();
  }
}

async function readWriter(
  { files, clock }: InspectDeps,
  folder: string,
  { onRecord, signal }: Reading,
): Promise<WriterTotals> {
  const seen = new SequenceSet();
  let events = 0;
  let bytes = 0;
  let damaged = 0;
  let oldestAtMs: number | undefined;
  const names = await patiently(clock, () => files.list(folder));
  const paths = names
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => join(folder, name));
  for (const path of paths) bytes += await patiently(clock, () => readAcksOf(files, path, seen));
  const once = (frame: Frame): void => {
    if (!seen.add(frame.sequence)) return;
    events += 1;
    oldestAtMs ??= frame.storedAtMs;
    onRecord?.(frame);
  };
  for (const path of paths) {
    const reading = { onRecord: once, signal };
    const found = await patiently(clock, () => readSegment(files, path, reading)).catch(unreadable);
    bytes += found.bytes;
    damaged += found.damaged;
  }
  return { events, bytes, damaged, oldestAtMs };
}

/** One that a running process has removed meanwhile is no loss; one that cannot be read is. */
function unreadable(error: unknown): SegmentTotals {
  return { bytes: 0, damaged: errorCodeOf(error) === 'ENOENT' ? 0 : 1 };
}

const NOTHING: WriterTotals = { events: 0, bytes: 0, damaged: 0, oldestAtMs: undefined };

/** A running process removes a directory, or takes it over, at any time. */
function nothingIfGone(error: unknown): WriterTotals {
  if (errorCodeOf(error) !== 'ENOENT') throw error;
  return NOTHING;
}

/** Finds the directories of all writers of a spool, and changes nothing. */
export async function* inspectSpool(
  deps: InspectDeps,
  directory: string,
): AsyncGenerator<InspectedWriter> {
  const { files, liveness, clock } = deps;
  const { writers } = spoolPaths(directory);
  for (const name of [...(await patiently(clock, () => files.list(writers)))].sort()) {
    const folder = join(writers, name);
    const found = await patiently(clock, () => files.identity(folder));
    if (found?.kind !== 'directory') continue;
    yield {
      name,
      alive: await isHeld(liveness, writers, name),
      read: (reading = {}) => readWriter(deps, folder, reading).catch(nothingIfGone),
    };
  }
}
