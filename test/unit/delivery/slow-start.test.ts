import { describe, expect, it } from 'vitest';
import { nextStepMs, slowStartLimit } from '../../../src/delivery/traffic.ts';

describe('slow start', () => {
  it('doubles every 200 ms up to the limit', () => {
    const at = [0, 199, 200, 400, 600, 800, 999, 1_000, 1_200, Infinity];
    expect(at.map((ms) => slowStartLimit(ms, 32))).toEqual([1, 1, 2, 4, 8, 16, 16, 32, 32, 32]);
  });

  it('never exceeds a limit that is no power of two', () => {
    expect([0, 200, 400].map((ms) => slowStartLimit(ms, 3))).toEqual([1, 2, 3]);
  });

  it('says when the next step comes, and that none comes at the top', () => {
    expect([0, 50, 350, 1_000, Infinity].map((ms) => nextStepMs(ms, 32))).toEqual([
      200, 150, 50, 0, 0,
    ]);
  });
});
