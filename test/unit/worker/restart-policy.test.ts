import { describe, expect, it } from 'vitest';
import { createRestartPolicy } from '../../../src/worker/thread.ts';

describe('createRestartPolicy', () => {
  it('waits twice as long each time, and gives up at the fifth death within a minute', () => {
    const policy = createRestartPolicy();
    const waits = [0, 1_000, 2_000, 3_000, 59_999].map((at) => policy.died(at));
    expect(waits).toEqual([50, 100, 200, 400, undefined]);
  });

  it('forgets deaths that are a minute old', () => {
    const policy = createRestartPolicy();
    for (const at of [0, 10, 20, 30]) policy.died(at);
    expect(policy.died(60_005)).toBe(400);
    expect(policy.died(120_010)).toBe(50);
  });
});
