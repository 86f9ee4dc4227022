import { join } from 'node:path';
import type { Clock } from '../runtime/clock.ts';
import { makeDurableDirectory } from './directory.ts';
import type { FilePort, OpenFile } from './file-port.ts';
import type { QuarantinedEvent } from './spool.ts';
import { writeAll } from './whole.ts';

/** Most bytes of damaged ranges that are kept; above it they are counted only. */
const MOST_DAMAGED_BYTES = 16 * 1024 * 1024;

/** Keeps for a person what can not be delivered. */
export interface Quarantine {
  /** Resolves to whether the event is on disk here. Never rejects. */
  keep(event: QuarantinedEvent): Promise<boolean>;
  /** Keeps the bytes of a damaged range, as far as the bound allows. Never rejects. */
  keepDamaged(name: string, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** What a quarantine needs. */
export interface QuarantineDeps {
  readonly files: FilePort;
  readonly clock: Clock;
  readonly directory: string;
  /** Name of the file of this process. */
  readonly name: () => string;
}

/** One line of the file: everything there is about a refused event. */
function lineOf({ record, status, reason }: QuarantinedEvent, nowMs: number): Buffer {
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

/** Makes a quarantine; nothing is written before something has to be. */
export function createQuarantine({ files, clock, directory, name }: QuarantineDeps): Quarantine {
  let file: OpenFile | undefined;
  let size = 0;
  let damagedBytes: number | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  async function open(): Promise<OpenFile> {
    await makeDurableDirectory(files, directory);
    const made = await files.createFile(join(directory, `${name()}.jsonl`));
    await files.syncDirectory(directory);
    size = 0;
    return made;
  }

  async function keep(event: QuarantinedEvent): Promise<boolean> {
    try {
      file ??= await open();
      const line = lineOf(event, clock.wallTime());
      await writeAll(file, line, size);
      await file.sync();
      size += line.length;
      return true;
    } catch {
      // A part of a line may be there: the next one goes over it.
      await file?.truncate(size).catch(() => {});
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

  async function keepDamaged(damagedName: string, bytes: Uint8Array): Promise<void> {
    damagedBytes ??= await keptDamage();
    if (damagedBytes + bytes.byteLength > MOST_DAMAGED_BYTES) return;
    await makeDurableDirectory(files, directory);
    const kept = await files.createFile(join(directory, `${damagedName}.bin`));
    await writeAll(kept, bytes, 0);
    await kept.sync();
    await kept.close();
    damagedBytes += bytes.byteLength;
  }

  return {
    keep(event) {
      const kept = queue.then(() => keep(event));
      queue = kept;
      return kept;
    },
    keepDamaged: (damagedName, bytes) => keepDamaged(damagedName, bytes).catch(() => {}),
    async close() {
      await queue;
      await file?.close().catch(() => {});
      file = undefined;
    },
  };
}
