import type { Liveness } from './directory.ts';
import { spoolPaths } from './directory.ts';
import type { FilePort } from './files.ts';
import { errorCodeOf } from './files.ts';
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
  files: FilePort,
  folder: string,
  { onRecord, signal }: Reading,
): Promise<WriterTotals> {
  const seen = new SequenceSet();
  let events = 0;
  let bytes = 0;
  let damaged = 0;
  let oldestAtMs: number | undefined;
  const names = (await files.list(folder)).filter((each) => each.endsWith('.seg')).sort();
  const paths = names.map((name) => join(folder, name));
  for (const path of paths) bytes += await readAcksOf(files, path, seen);
  const once = (frame: Frame): void => {
    if (!seen.add(frame.sequence)) return;
    events += 1;
    oldestAtMs ??= frame.storedAtMs;
    onRecord?.(frame);
  };
  for (const path of paths) {
    const found = await readSegment(files, path, { onRecord: once, signal }).catch(unreadable);
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
  { files, liveness }: InspectDeps,
  directory: string,
): AsyncGenerator<InspectedWriter> {
  const { writers } = spoolPaths(directory);
  for (const name of [...(await files.list(writers))].sort()) {
    const folder = join(writers, name);
    if ((await files.identity(folder))?.kind !== 'directory') continue;
    const holder = join(writers, name.split('@').at(-1) ?? name);
    yield {
      name,
      alive: await liveness.isAlive(holder),
      read: (reading = {}) => readWriter(files, folder, reading).catch(nothingIfGone),
    };
  }
}
