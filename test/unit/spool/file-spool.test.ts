import { beforeEach, describe, expect, it } from 'vitest';
import { Capacity } from '../../../src/spool/file-spool.ts';
import type { Spool } from '../../../src/spool/spool.ts';
import type { FakeLiveness } from '../../support/fake-liveness.ts';
import { fakeLiveness } from '../../support/fake-liveness.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock, settle } from '../../support/manual-clock.ts';
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

describe('the age of the oldest record', () => {
  it('is that of a claimed one as well as that of one that was not read', async () => {
    const clock = manualClock();
    const KEYS = ['one', 'two', 'three'];
    const spool = simulatedSpool({ files: simulatedFiles(), clock, segmentBytes: 1 });
    expect(spool.stats().oldestAgeMs).toBeUndefined();
    for (const key of KEYS) {
      await spool.store(spoolEntry(key));
      await clock.advance(1_000);
    }
    expect(spool.stats().oldestAgeMs).toBe(3_000);
    const records = await claimAll(spool);
    expect(spool.stats().oldestAgeMs).toBe(3_000);
    for (const { ref } of records.slice(0, 2)) spool.acknowledge(ref);
    expect(spool.stats().oldestAgeMs).toBe(1_000);
    for (const { ref } of records.slice(2)) spool.acknowledge(ref);
    expect(spool.stats().oldestAgeMs).toBeUndefined();
  });
});

describe('the room on the volume', () => {
  const MB = 1024 * 1024;

  interface Bench {
    readonly clock: ManualClock;
    readonly capacity: Capacity;
    space: { free: number; total: number } | undefined;
    asked: number;
  }

  function bench(space: Bench['space']): Bench {
    const clock = manualClock();
    const self: { -readonly [Name in keyof Bench]: Bench[Name] } = {
      clock,
      space,
      asked: 0,
      capacity: new Capacity(
        {
          ...simulatedFiles(),
          space() {
            self.asked += 1;
            return self.space === undefined
              ? Promise.reject(new Error('no such volume'))
              : Promise.resolve(self.space);
          },
        },
        '/spool',
        clock,
      ),
    };
    return self;
  }

  async function hasRoom({ capacity }: Bench): Promise<boolean> {
    capacity.hasRoom();
    await settle();
    return capacity.hasRoom();
  }

  it.each([
    ['64 MiB of a large one', { free: 64 * MB + 1, total: 10_000 * MB }, true],
    ['no more than 64 MiB of a large one', { free: 64 * MB, total: 10_000 * MB }, false],
    ['5 % of a small one', { free: 6 * MB, total: 100 * MB }, true],
    ['no more than 5 % of a small one', { free: 5 * MB, total: 100 * MB }, false],
  ])('is judged by what is left: %s', async (_, space, room) => {
    expect(await hasRoom(bench(space))).toBe(room);
  });

  it('is asked for once for each MiB that is written', async () => {
    const self = bench({ free: 1_000 * MB, total: 1_000 * MB });
    await hasRoom(self);
    for (let written = 0; written < 10; written += 1) {
      self.capacity.wrote(MB / 2);
      await hasRoom(self);
    }
    expect(self.asked).toBe(1 + 5);
  });

  it('is asked for once a second while there is none', async () => {
    const self = bench({ free: 0, total: 1_000 * MB });
    expect(await hasRoom(self)).toBe(false);
    for (let tenths = 0; tenths < 30; tenths += 1) {
      await self.clock.advance(100);
      await hasRoom(self);
    }
    expect(self.asked).toBe(1 + 3);
    self.space = { free: 1_000 * MB, total: 1_000 * MB };
    await self.clock.advance(1_000);
    expect(await hasRoom(self)).toBe(true);
  });

  it('is supposed to be there where it cannot be known, and asked for again', async () => {
    const self = bench(undefined);
    expect(await hasRoom(self)).toBe(true);
    self.space = { free: 0, total: 1_000 * MB };
    expect(await hasRoom(self)).toBe(false);
  });
});
