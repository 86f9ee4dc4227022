import type { Clock } from '../../src/runtime/clock.ts';
import { FileSpool } from '../../src/spool/file-spool.ts';
import type { FilePort } from '../../src/spool/files.ts';
import type { Liveness } from '../../src/spool/directory.ts';
import type { Spool, SpoolEntry, SpooledRecord } from '../../src/spool/spool.ts';
import { fakeLiveness } from './fake-liveness.ts';
import { manualClock } from './manual-clock.ts';
import { bodyOf } from './requests.ts';

/** What a spool in a simulated file system is made from. */
export interface SimulatedSpoolOptions {
  readonly files: FilePort;
  readonly liveness?: Liveness;
  readonly clock?: Clock;
  readonly segmentBytes?: number | undefined;
  readonly maxBytes?: number;
  /** Sorts by age, as the names of writers do. */
  readonly writer?: string;
  readonly onReadError?: (code: string) => void;
}

/** The real spool over another file system. */
export function simulatedSpool(options: SimulatedSpoolOptions): Spool {
  const { files, liveness = fakeLiveness(), clock = manualClock(), writer = 'w' } = options;
  let made = 0;
  return new FileSpool({
    directory: '/spool',
    maxBytes: options.maxBytes ?? 2 ** 30,
    segmentBytes: options.segmentBytes,
    files,
    liveness,
    clock,
    newWriter: () => `${writer}${String((made += 1)).padStart(3, '0')}`,
    onDamage: () => {},
    onReadError: options.onReadError ?? (() => {}),
  });
}

/** An entry whose body follows from its key, so that a wrong one is seen. */
export function spoolEntry(key: string, size = 40): SpoolEntry {
  const text = `{"payload":"${key}${'.'.repeat(Math.max(0, size))}","meta":{}}`;
  return { idempotencyKey: key, requestId: `r-${key}`, ...bodyOf(text) };
}

/** Everything a spool has to offer. */
export async function claimAll(spool: Spool): Promise<readonly SpooledRecord[]> {
  const all: SpooledRecord[] = [];
  for (;;) {
    const records = await spool.claim(100);
    if (records.length === 0) return all;
    all.push(...records);
  }
}
