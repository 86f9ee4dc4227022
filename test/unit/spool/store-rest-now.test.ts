import { beforeEach, describe, expect, it } from 'vitest';
import type { Spool } from '../../../src/spool/spool.ts';
import type { FakeLiveness } from '../../support/fake-liveness.ts';
import { fakeLiveness } from '../../support/fake-liveness.ts';
import type { SimulatedFiles } from '../../support/simulated-files.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';
import { claimAll, simulatedSpool, spoolEntry } from '../../support/simulated-spool.ts';

let files: SimulatedFiles;
let liveness: FakeLiveness;

beforeEach(() => {
  files = simulatedFiles();
  liveness = fakeLiveness();
});

const open = (writer = 'a'): Spool => simulatedSpool({ files, liveness, writer });

async function keysOfNext(): Promise<readonly string[]> {
  liveness.killAll();
  const spool = open('z');
  await spool.adopt();
  return (await claimAll(spool)).map(({ idempotencyKey }) => idempotencyKey);
}

describe('the end of a process', () => {
  it('writes nothing when all is stored', async () => {
    const spool = open();
    await spool.store(spoolEntry('one'));
    const { length } = files.effects;
    spool.storeRestNow();
    expect(files.effects).toHaveLength(length);
  });

  it('puts what waits on disk before it returns', async () => {
    const spool = open();
    await spool.store(spoolEntry('one'));
    for (const key of ['two', 'three']) void spool.store(spoolEntry(key));
    spool.storeRestNow();
    expect(await keysOfNext()).toEqual(['one', 'two', 'three']);
  });

  it.each(Array.from({ length: 12 }, (_, index) => index))(
    'gives each record once when a write has come %d steps far',
    async (steps) => {
      const spool = open();
      await spool.store(spoolEntry('one'));
      void spool.store(spoolEntry('two'));
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      void spool.store(spoolEntry('three'));
      spool.storeRestNow();
      expect(await keysOfNext()).toEqual(['one', 'two', 'three']);
    },
  );
});
