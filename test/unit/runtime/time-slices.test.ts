import { describe, expect, it } from 'vitest';
import { createTimeSlices } from '../../../src/runtime/time-slices.ts';

function setup() {
  const deferred: (() => void)[] = [];
  const done: string[] = [];
  const slices = createTimeSlices(3, (run) => deferred.push(run));
  const take = (name: string, count: number): void => {
    const items = Array.from({ length: count }, (_, index) => `${name}${index}`);
    slices.take(items, (item) => done.push(item));
  };
  /** What was done in one more turn; `undefined` when none was asked for. */
  const turn = (): string[] | undefined => {
    const run = deferred.shift();
    if (run === undefined) return undefined;
    done.length = 0;
    run();
    return [...done];
  };
  return { slices, take, turn, done, deferred };
}

describe('turns', () => {
  it('do at once what fits into a slice, and ask for no turn', () => {
    const { take, turn, done } = setup();
    take('a', 3);
    expect(done).toEqual(['a0', 'a1', 'a2']);
    expect(turn()).toBeUndefined();
  });

  it('do the first slice of more at once, and a slice in each turn', () => {
    const { take, turn, done } = setup();
    take('a', 8);
    expect(done).toEqual(['a0', 'a1', 'a2']);
    expect(turn()).toEqual(['a3', 'a4', 'a5']);
    expect(turn()).toEqual(['a6', 'a7']);
    expect(turn()).toBeUndefined();
  });

  it('share a turn among all that wait, first come first served', () => {
    const { take, turn } = setup();
    take('a', 4);
    take('b', 4);
    expect(turn()).toEqual(['a3', 'b0', 'b1']);
    expect(turn()).toEqual(['b2', 'b3']);
    expect(turn()).toBeUndefined();
  });

  it('let a short work pass the long ones that wait', () => {
    const { take, done } = setup();
    take('a', 9);
    take('b', 1);
    expect(done).toEqual(['a0', 'a1', 'a2', 'b0']);
  });

  it('do all that is left when they are asked to, and nothing twice', () => {
    const { slices, take, turn, done } = setup();
    take('a', 5);
    take('b', 4);
    slices.runNow();
    expect(done).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'b0', 'b1', 'b2', 'b3']);
    expect(turn()).toEqual([]);
    expect(turn()).toBeUndefined();
  });

  it('may be asked to from inside of the work', () => {
    const { slices, turn, deferred } = setup();
    const done: number[] = [];
    slices.take([0, 1, 2, 3, 4, 5, 6], (index) => {
      done.push(index);
      if (index === 1 || index === 4) slices.runNow();
    });
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6]);
    turn();
    expect(deferred).toEqual([]);
  });
});
