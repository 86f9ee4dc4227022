import type { Clock } from '../runtime/clock.ts';
import { makeDurableDirectory } from './directory.ts';
import type { FileIdentity, FilePort, OpenFile } from './files.ts';
import { isGone, stillStands, writeAll } from './files.ts';
import type { QuarantinedEvent } from './spool.ts';
import { join } from 'node:path';

/** Most bytes of damaged ranges that are kept; above it they are counted only. */
const MOST_DAMAGED_BYTES = 16 * 1024 * 1024;

/** Where what is kept goes, and how much of it. */
export interface QuarantinePlace {
  readonly directory: string;
  /** Most bytes of refused events, those of earlier processes included. */
  readonly mostBytes: number;
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
 * Keeps for a person what can not be delivered; nothing is written before something has to be.
 *
 * What does not fit under the bound is refused, and stays in the spool: nothing is given up for room.
 * A line counts as kept only after `fdatasync`, and only if its file still stands at its path: a
 * person who has seen a file may remove it at any time, under the process that writes it.
 */
export class Quarantine {
  readonly #files: FilePort;
  readonly #clock: Clock;
  readonly #directory: string;
  readonly #mostBytes: number;
  readonly #name: () => string;
  #opened: Opened | undefined;
  #errors = 0;
  #eventBytes: number | undefined;
  #made = 0;
  #damagedBytes: number | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(files: FilePort, clock: Clock, { directory, mostBytes, name }: QuarantinePlace) {
    this.#files = files;
    this.#clock = clock;
    this.#directory = directory;
    this.#mostBytes = mostBytes;
    this.#name = name;
  }

  /** Bytes of all that is kept, as far as it was looked at. */
  get bytes(): number {
    return (this.#eventBytes ?? 0) + (this.#damagedBytes ?? 0);
  }

  /** Looks how much is there. Never rejects. */
  async measure(): Promise<void> {
    try {
      this.#eventBytes = await this.#bytesOf('.jsonl');
      this.#damagedBytes = await this.#bytesOf('.bin');
    } catch {
      // It is looked at again before something is kept.
    }
  }

  /** Times that an event could not be kept. */
  get errors(): number {
    return this.#errors;
  }

  /** Resolves to whether the event is on disk here. Never rejects. */
  keep(event: QuarantinedEvent): Promise<boolean> {
    const kept = this.#queue.then(() => this.#keep(event));
    this.#queue = kept;
    return kept;
  }

  /**
   * Keeps the bytes of a damaged range, as far as the bound allows. `false` when the disk refused
   * them, so that they must stay where they are. Never rejects.
   */
  keepDamaged(name: string, bytes: Uint8Array): Promise<boolean> {
    return this.#keepDamaged(name, bytes).catch(() => false);
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#leave();
  }

  async #keep(event: QuarantinedEvent): Promise<boolean> {
    try {
      const line = lineOf(event, this.#clock.wallTime());
      const fits = await this.#hasRoom(line.length);
      if (fits && ((await this.#append(line)) || (await this.#append(line)))) return true;
    } catch {
      // It stays in the spool, and this is tried again.
    }
    this.#errors += 1;
    return false;
  }

  /** Looks anew where there was none: a person may have taken some out. */
  async #hasRoom(bytes: number): Promise<boolean> {
    const known = this.#eventBytes;
    if (known === undefined || known + bytes > this.#mostBytes) {
      this.#eventBytes = await this.#bytesOf('.jsonl');
    }
    return (this.#eventBytes ?? 0) + bytes <= this.#mostBytes;
  }

  /** Whether the line is kept; `false` when the file was gone. */
  async #append(line: Buffer): Promise<boolean> {
    this.#opened ??= await this.#open();
    const opened = this.#opened;
    const { file, path, identity, size } = opened;
    try {
      await writeAll(file, line, size);
    } catch (error) {
      // A part of a line may be there: the next one goes over it.
      await file.truncate(size).catch(() => this.#leave());
      throw error;
    }
    try {
      await file.sync();
    } catch (error) {
      // The line is written again elsewhere, and would be there twice.
      await file.truncate(size).catch(() => {});
      // Never synced again: the kernel may have dropped the pages and would report success.
      await this.#leave();
      throw error;
    }
    if (await stillStands(this.#files, path, identity)) {
      opened.size = size + line.length;
      this.#eventBytes = (this.#eventBytes ?? 0) + line.length;
      return true;
    }
    await this.#leave();
    return false;
  }

  async #open(): Promise<Opened> {
    this.#made += 1;
    const suffix = this.#made === 1 ? '' : `-${this.#made}`;
    const path = join(this.#directory, `${this.#name()}${suffix}.jsonl`);
    const file = await this.#create(path);
    return { file, path, identity: await file.identity(), size: 0 };
  }

  async #leave(): Promise<void> {
    const leaving = this.#opened;
    this.#opened = undefined;
    if (leaving?.size === 0) await this.#discard(leaving.file, leaving.path);
    else await leaving?.file.close().catch(() => {});
  }

  async #keepDamaged(name: string, bytes: Uint8Array): Promise<boolean> {
    this.#damagedBytes ??= await this.#bytesOf('.bin');
    if (this.#damagedBytes + bytes.byteLength > MOST_DAMAGED_BYTES) return true;
    const path = join(this.#directory, `${name}.bin`);
    // Kept by an earlier process that did not get to remove the segment.
    if ((await this.#files.identity(path))?.size === bytes.byteLength) return true;
    await this.#files.unlink(path).catch(() => {});
    const file = await this.#create(path);
    try {
      await writeAll(file, bytes, 0);
      await file.sync();
    } catch (error) {
      await this.#discard(file, path);
      throw error;
    }
    await file.close();
    this.#damagedBytes += bytes.byteLength;
    return true;
  }

  async #bytesOf(ending: string): Promise<number> {
    const names = await this.#files.list(this.#directory).catch((error: unknown) => {
      if (!isGone(error)) throw error;
      return [];
    });
    let bytes = 0;
    for (const each of names.filter((name) => name.endsWith(ending))) {
      bytes += (await this.#files.identity(join(this.#directory, each)))?.size ?? 0;
    }
    return bytes;
  }

  /** Makes a file whose entry is on disk. */
  async #create(path: string): Promise<OpenFile> {
    await makeDurableDirectory(this.#files, this.#directory);
    const file = await this.#files.createFile(path);
    try {
      await this.#files.syncDirectory(this.#directory);
      return file;
    } catch (error) {
      await this.#discard(file, path);
      throw error;
    }
  }

  async #discard(file: OpenFile, path: string): Promise<void> {
    await file.close().catch(() => {});
    await this.#files.unlink(path).catch(() => {});
  }
}

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
