import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { killWriters } from '../support/kill-rounds.ts';
import { testClient, testEmulator } from '../support/test-client.ts';

/** Two writers are killed in each. */
const ROUNDS = 250;

it('has every event in the ledger that was reported as stored, once, after 500 kills', async () => {
  const emulator = await testEmulator();
  const directory = temporaryFolder();
  const stored = await killWriters({ emulator, directory, rounds: ROUNDS });
  const client = testClient(emulator.url, { spool: { directory } });
  await client.flush();
  await expect.poll(() => client.stats().spool?.events, { timeout: 600_000 }).toBe(0);
  await client.close();
  const keys = emulator.events().map(({ idempotencyKey }) => idempotencyKey);
  const unique = new Set(keys);
  expect(keys).toHaveLength(unique.size);
  expect([...stored].filter((key) => !unique.has(key))).toEqual([]);
  console.log(`${ROUNDS * 2} kills, ${stored.size} stored, ${unique.size} in the ledger`);
}, 3_600_000);
