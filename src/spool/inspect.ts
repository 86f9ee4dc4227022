import { join } from 'node:path';
import { readAcks } from './acks.ts';
import { spoolPaths } from './directory.ts';
import type { FilePort } from './file-port.ts';
import type { Frame } from './frame.ts';
import type { Liveness } from './liveness.ts';
import { scanFrames } from './scan.ts';
import { HEADER_BYTES, isHeader } from './segment-header.ts';
import { ackPath } from './segment.ts';
import type { SequenceSet } from './sequence-set.ts';
import { createSequenceSet } from './sequence-set.ts';
import { errorCodeOf } from './system-error.ts';
import { readUpTo } from './whole.ts';

/** What one writer has on disk, read without touching it. */
export interface InspectedWriter {
  /** Name of its directory. */
  readonly name: string;
  /** Whether a living process holds it. */
  readonly alive: boolean;
  readonly bytes: number;
  /** Stretches that cannot be read. */
  readonly damaged: number;
  /** Records that are not acknowledged, oldest first. */
  readonly records: readonly Frame[];
}

/** What inspecting needs. */
export interface InspectDeps {
  readonly files: FilePort;
  readonly liveness: Liveness;
}

async function readWhole(files: FilePort, path: string): Promise<Buffer> {
  const found = await files.identity(path);
  if (found === undefined) return Buffer.alloc(0);
  const file = await files.openFile(path);
  try {
    return await readUpTo(file, found.size, 0);
  } finally {
    await file.close();
  }
}

async function inspectWriter(
  { files, liveness }: InspectDeps,
  writers: string,
  name: string,
): Promise<InspectedWriter> {
  const folder = join(writers, name);
  const holder = join(writers, name.split('@').at(-1) ?? name);
  const seen: SequenceSet = createSequenceSet();
  const records: Frame[] = [];
  let bytes = 0;
  let damaged = 0;
  const segments = (await files.list(folder)).filter((each) => each.endsWith('.seg')).sort();
  for (const segment of segments) {
    const acks = await readWhole(files, ackPath({ path: join(folder, segment) }));
    readAcks(acks, seen);
    bytes += acks.length;
  }
  for (const segment of segments) {
    const buffer = await readWhole(files, join(folder, segment));
    bytes += buffer.length;
    const start = isHeader(buffer.subarray(0, HEADER_BYTES)) ? HEADER_BYTES : 0;
    const scan = scanFrames(buffer.subarray(start), { atEnd: true, limit: Infinity });
    damaged += scan.damaged.filter(({ torn }) => !torn).length;
    for (const frame of scan.frames) if (seen.add(frame.sequence)) records.push(frame);
  }
  return { name, alive: await liveness.isAlive(holder), bytes, damaged, records };
}

/** A running process removes a directory, or takes it over, at any time. */
function unlessGone(error: unknown): undefined {
  if (errorCodeOf(error) !== 'ENOENT') throw error;
}

/**
 * Reads every writer's directory of a spool and changes nothing, one after the other: a spool may
 * be larger than the memory.
 */
export async function* inspectSpool(
  deps: InspectDeps,
  directory: string,
): AsyncGenerator<InspectedWriter> {
  const { writers } = spoolPaths(directory);
  const names = [...(await deps.files.list(writers))].sort();
  for (const name of names) {
    const found = await deps.files.identity(join(writers, name));
    if (found?.kind !== 'directory') continue;
    const inspected = await inspectWriter(deps, writers, name).catch(unlessGone);
    if (inspected !== undefined) yield inspected;
  }
}
