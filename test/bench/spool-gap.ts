/**
 * How long the event loop stands still at most while a spool stores, hands out and takes over
 * records on a disk that takes 10 ms for each sync; beside it, how long the same program without a
 * spool stands still on this machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from '../../src/runtime/clock.ts';
import { FileSpool } from '../../src/spool/file-spool.ts';
import { nodeFiles } from '../../src/spool/node-files.ts';
import { createNodeLiveness } from '../../src/spool/node-liveness.ts';
import type { Spool, SpoolEntry } from '../../src/spool/spool.ts';
import { slowFiles } from '../support/slow-files.ts';
import { ROUNDS, byMode } from './support/mode.ts';
import { budgetOf, metricOf, print } from './support/report.ts';
import { spreadOf } from './support/statistics.ts';

const RECORDS = byMode(100_000, 30_000, 500);
const CLAIM = 256;
/** Records that come in one turn of the event loop. */
const BURST = 64;
const SYNC_MS = 10;
const BODY = Buffer.from(
  JSON.stringify({ payload: 'x'.repeat(850), meta: { event_name: 'bench' } }),
);
const QUIET = 'no spool';

function entry(index: number): SpoolEntry {
  const idempotencyKey = `key-${String(index).padStart(24, '0')}`;
  return { idempotencyKey, requestId: idempotencyKey, body: BODY, bytes: BODY.length };
}

let writers = 0;

function open(directory: string): Spool {
  return new FileSpool({
    directory,
    maxBytes: 2 ** 31,
    files: slowFiles(nodeFiles, SYNC_MS),
    liveness: createNodeLiveness(systemClock),
    clock: systemClock,
    newWriter: () => `writer-${String((writers += 1)).padStart(6, '0')}`,
    onDamage: () => {},
    onReadError: () => {},
  });
}

const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

/** A busy service: bursts of records, each some 2 ms behind the one before; it keeps none. */
async function storeAll(store: (entry: SpoolEntry) => Promise<unknown>): Promise<void> {
  const progress = { left: RECORDS };
  const settled = (): void => {
    progress.left -= 1;
  };
  for (let index = 0; index < RECORDS; index += 1) {
    void store(entry(index)).then(settled);
    if (index % BURST === 0) await aWhile();
  }
  while (progress.left > 0) await aWhile();
}

async function claimAll(spool: Spool): Promise<void> {
  for (;;) {
    const records = await spool.claim(CLAIM);
    if (records.length === 0) return;
    for (const { ref } of records) spool.acknowledge(ref);
  }
}

const gaps = new Map<string, number[]>();
const rates = new Map<string, number[]>();

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  // The histogram gets a stop only once it is over.
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  gaps.set(name, [...(gaps.get(name) ?? []), delay.max / 1e6]);
  rates.set(name, [...(rates.get(name) ?? []), RECORDS / seconds]);
}

for (let round = 0; round < ROUNDS; round += 1) {
  const directory = mkdtempSync(join(tmpdir(), 'immutablelog-bench-'));
  await measure(QUIET, () => storeAll(() => Promise.resolve()));
  const first = open(directory);
  await measure('store', () => storeAll((one) => first.store(one)));
  await first.close();
  const second = open(directory);
  await measure('take over', () => second.adopt());
  await measure('claim and acknowledge', () => claimAll(second));
  await second.close();
  rmSync(directory, { recursive: true });
}

print({
  benchmark: 'spool-gap',
  sink: `the disk under ${tmpdir()}, with ${SYNC_MS} ms for each sync`,
  metrics: [
    metricOf({ metric: 'spool-gap', unit: 'longest ms', reference: QUIET }, gaps),
    metricOf({ metric: 'spool-rate', unit: 'records/s', reference: 'store' }, rates),
  ],
  budgets: ['store', 'take over', 'claim and acknowledge'].map((name) =>
    budgetOf(`longest stop of the event loop, ms: ${name}`, spreadOf(gaps.get(name) ?? []), {
      atMost: 10,
    }),
  ),
});
