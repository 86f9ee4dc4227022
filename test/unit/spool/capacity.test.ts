import { describe, expect, it } from 'vitest';
import type { Capacity } from '../../../src/spool/file-spool.ts';
import { createCapacity } from '../../../src/spool/file-spool.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock, settle } from '../../support/manual-clock.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';

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
    capacity: createCapacity(
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

describe('the room on the volume', () => {
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
