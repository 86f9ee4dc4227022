import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { expectBalance } from '../support/balance.ts';
import { killWriters } from '../support/kill-rounds.ts';
import { runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testClient } from '../support/test-client.ts';

/** Two writers are killed in each. */
const ROUNDS = 12;
const PATIENCE = { timeout: 60_000 };

let emulator: Emulator;

beforeEach(async () => {
  emulator = await createEmulator();
});

afterEach(() => emulator.close());

/** Starts the next process on a directory, and waits until it has nothing left to deliver. */
async function deliverRest(directory: string): Promise<void> {
  emulator.heal();
  const client = testClient(emulator.url, { spool: { directory } });
  await client.flush();
  await expect.poll(() => client.stats().spool?.events, PATIENCE).toBe(0);
  expectBalance(client.stats());
  await client.close();
}

async function emitAndEnd(processor: 'direct' | 'batch', end: 'kill' | 'exit'): Promise<number> {
  const directory = temporaryFolder();
  const { exit, err } = await runScript('test/process/fixtures/spool-emitter.js', {
    args: [directory, processor, end],
    env: { IMTBL_URL: emulator.url, IMTBL_API_KEY: 'key' },
  });
  expect([exit, err]).toEqual([end === 'kill' ? 'SIGKILL' : 0, '']);
  const before = emulator.events().length;
  await deliverRest(directory);
  const bodies = new Set(emulator.events().map(({ payload }) => payload));
  expect(bodies.size).toBe(emulator.events().length);
  return Math.max(before, emulator.events().length);
}

describe('a process that is killed', () => {
  it('loses nothing from the moment its processor counts it as spooled', async () => {
    await emitAndEnd('direct', 'kill');
    expect(await emitAndEnd('direct', 'kill')).toBe(20);
  }, 60_000);

  it('loses what a batch processor holds in memory, although a spool stands behind it', async () => {
    expect(await emitAndEnd('batch', 'kill')).toBe(0);
  });

  it('has every event in the ledger that it had reported as stored, once', async () => {
    const directory = temporaryFolder();
    const faults = Array.from({ length: 5 }, () => [
      { times: 9 },
      { status: 503 },
      { reset: 'after' as const },
    ]);
    emulator.fail(faults.flat());
    const stored = await killWriters({ emulator, directory, rounds: ROUNDS });
    await deliverRest(directory);
    const keys = emulator.events().map(({ idempotencyKey }) => idempotencyKey);
    const unique = new Set(keys);
    expect(keys).toHaveLength(unique.size);
    expect([...stored].filter((key) => !unique.has(key))).toEqual([]);
    expect(stored.size).toBeGreaterThan(ROUNDS * 2);
    console.log(`${ROUNDS * 2} kills, ${stored.size} events stored, ${unique.size} in the ledger`);
  }, 180_000);
});

describe('a process that exits', () => {
  it('loses none of ten records emitted right before process.exit()', async () => {
    expect(await emitAndEnd('direct', 'exit')).toBe(10);
  });
});
