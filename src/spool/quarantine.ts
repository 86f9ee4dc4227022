import type { Clock } from '../runtime/clock.ts';
import { makeDurableDirectory } from './directory.ts';
import type { FileIdentity, FilePort, OpenFile } from './files.ts';
import { stillStands, writeAll } from './files.ts';
import type { QuarantinedEvent } from './spool.ts';
import { join } from 'node:path';

/** One line of a quarantine file: everything there is about a refused event, as JSON. */
export function lineOf({ record, status, reason }: QuarantinedEvent, nowMs: number): Buffer {
  const { idempotencyKey, storedAtMs, body } = record;
  const line = {
    time: timeText(nowMs),
    stored_at: timeText(storedAtMs),
    idempotency_key: idempotencyKey,
    status,
    reason,
    body: Buffer.from(body).toString('utf8'),
  };
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

function timeText(ms: number): string {
  // Only its form is needed, not the clock.
  // oxlint-disable-next-line no-restricted-globals
  return new Date(ms).toISOString();
}

/** Most bytes of damaged ranges that are kept; above it they are counted only. */
const MOST_DAMAGED_BYTES = 16 * 1024 * 1024;

/** Keeps for a person what can not be delivered. */
export interface Quarantine {
  /** Resolves to whether the event is on disk here. Never rejects. */
  keep(event: QuarantinedEvent): Promise<boolean>;
  /**
   * Keeps the bytes of a damaged range, as far as the bound allows. `false` when the disk refused
   * them, so that they must stay where they are. Never rejects.
   */
  keepDamaged(name: string, bytes: Uint8Array): Promise<boolean>;
  close(): Promise<void>;
}

/** What a quarantine needs. */
export interface QuarantineDeps {
  readonly files: FilePort;
  readonly clock: Clock;
  readonly directory: string;
  /** Name of the files of this process. */
  readonly name: () => string;
}

interface Opened {
  readonly file: OpenFile;
  readonly path: string;
  readonly identity: FileIdentity;
  /** Bytes of whole lines. */
  size: number;
}

/**
 * Makes a quarantine; nothing is written before something has to be.
 *
 * A line counts as kept only after `fdatasync`, and only if its file still stands at its path: a
 * person who has seen a file may remove it at any time, under the process that writes it.
 */
export function createQuarantine({ files, clock, directory, name }: QuarantineDeps): Quarantine {
  let opened: Opened | undefined;
  let made = 0;
  let damagedBytes: number | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  /** Makes a file whose entry is on disk. */
  async function create(path: string): Promise<OpenFile> {
    await makeDurableDirectory(files, directory);
    const file = await files.createFile(path);
    try {
      await files.syncDirectory(directory);
      return file;
    } catch (error) {
      await discard(file, path);
      throw error;
    }
  }

  async function discard(file: OpenFile, path: string): Promise<void> {
    await file.close().catch(() => {});
    await files.unlink(path).catch(() => {});
  }

  async function open(): Promise<Opened> {
    made += 1;
    const suffix = made === 1 ? '' : `-${made}`;
    const path = join(directory, `${name()}${suffix}.jsonl`);
    const file = await create(path);
    return { file, path, identity: await file.identity(), size: 0 };
  }

  async function leave(): Promise<void> {
    const leaving = opened;
    opened = undefined;
    if (leaving?.size === 0) await discard(leaving.file, leaving.path);
    else await leaving?.file.close().catch(() => {});
  }

  /** Whether the line is kept; `false` when the file was gone. */
  async function append(line: Buffer): Promise<boolean> {
    opened ??= await open();
    const { file, path, identity, size } = opened;
    try {
      await writeAll(file, line, size);
    } catch (error) {
      // A part of a line may be there: the next one goes over it.
      await file.truncate(size).catch(leave);
      throw error;
    }
    try {
      await file.sync();
    } catch (error) {
      // Never synced again: the kernel may have dropped the pages and would report success.
      await leave();
      throw error;
    }
    if (await stillStands(files, path, identity)) {
      opened.size = size + line.length;
      return true;
    }
    await leave();
    return false;
  }

  async function keep(event: QuarantinedEvent): Promise<boolean> {
    try {
      const line = lineOf(event, clock.wallTime());
      return (await append(line)) || (await append(line));
    } catch {
      return false;
    }
  }

  async function keptDamage(): Promise<number> {
    const names = await files.list(directory).catch(() => []);
    let bytes = 0;
    for (const each of names) {
      if (each.endsWith('.bin')) bytes += (await files.identity(join(directory, each)))?.size ?? 0;
    }
    return bytes;
  }

  async function keepDamaged(damagedName: string, bytes: Uint8Array): Promise<boolean> {
    damagedBytes ??= await keptDamage();
    if (damagedBytes + bytes.byteLength > MOST_DAMAGED_BYTES) return true;
    const path = join(directory, `${damagedName}.bin`);
    // Kept by an earlier process that did not get to remove the segment.
    if ((await files.identity(path))?.size === bytes.byteLength) return true;
    await files.unlink(path).catch(() => {});
    const file = await create(path);
    try {
      await writeAll(file, bytes, 0);
      await file.sync();
    } catch (error) {
      await discard(file, path);
      throw error;
    }
    await file.close();
    damagedBytes += bytes.byteLength;
    return true;
  }

  return {
    keep(event) {
      const kept = queue.then(() => keep(event));
      queue = kept;
      return kept;
    },
    keepDamaged: (damagedName, bytes) => keepDamaged(damagedName, bytes).catch(() => false),
    async close() {
      await queue;
      await leave();
    },
  };
}
