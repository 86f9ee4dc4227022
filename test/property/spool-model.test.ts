import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FilePort, OpenFile } from '../../src/spool/files.ts';
import { life } from './spool-model-actions.ts';
import type { Action, BenchOptions } from './spool-model.ts';
import { createBench } from './spool-model.ts';

const RUNS = 2_000;
const SMALL_BYTES = 1_500;
const BOUNDLESS_BYTES = 2 ** 30;

const powerLoss: Action = { do: 'lose power', mask: 0, torn: 0, zeros: false };

/** Lives in which something was lost once, or would be if one line of the spool were missing. */
const syncFails: readonly Action[] = [
  { do: 'fail once', operation: 'sync' },
  { do: 'store', sizes: [0] },
  powerLoss,
];
const directorySyncFails: readonly Action[] = [
  { do: 'fail once', operation: 'syncdir' },
  { do: 'store', sizes: [0] },
  powerLoss,
];
const writtenTwice: readonly Action[] = [
  { do: 'store', sizes: [0] },
  { do: 'fail once', operation: 'sync' },
  { do: 'store', sizes: [0, 0] },
  { do: 'kill' },
  { do: 'claim', limit: 6 },
  { do: 'claim', limit: 6 },
  { do: 'wait' },
  { do: 'write back' },
  powerLoss,
];

const hardLives = [syncFails, directorySyncFails, writtenTwice];

async function mistakesOf(
  actions: readonly Action[],
  options: BenchOptions,
): Promise<readonly string[]> {
  const bench = createBench(options);
  for (const each of actions) await bench.run(each);
  return bench.audit();
}

/** A spool that asks once more where a sync has failed, as one would who trusts the second answer. */
function syncingAgain(files: FilePort): FilePort {
  const again = (file: OpenFile): OpenFile => ({
    ...file,
    sync: () => file.sync().catch(() => file.sync()),
  });
  return { ...files, createFile: async (path) => again(await files.createFile(path)) };
}

describe('the spool against a plain account of its promises', () => {
  it('agrees after any sequence of stores, faults, crashes and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(
        life,
        fc.constantFrom(BOUNDLESS_BYTES, SMALL_BYTES),
        async (actions, maxBytes) => {
          expect(await mistakesOf(actions, { maxBytes })).toEqual([]);
        },
      ),
      {
        numRuns: RUNS,
        examples: hardLives.map((actions) => [actions, BOUNDLESS_BYTES]),
      },
    );
  }, 120_000);

  it('would be found out if it synced again what had failed to sync', async () => {
    expect(await mistakesOf(syncFails, { wrap: syncingAgain })).toContain('k1 is lost');
  });
});
