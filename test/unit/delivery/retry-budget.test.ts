import { describe, expect, it } from 'vitest';
import { createRetryBudget } from '../../../src/delivery/drain.ts';

function taken(budget: ReturnType<typeof createRetryBudget>, now: number): number {
  let count = 0;
  while (budget.take(now)) count += 1;
  return count;
}

describe('the retry budget', () => {
  it('gives one repetition per second to a service that sends nothing', () => {
    const budget = createRetryBudget(0);
    expect(taken(budget, 0)).toBe(1);
    expect(budget.waitMs(0)).toBe(1_000);
    expect(taken(budget, 500)).toBe(0);
    expect(budget.waitMs(500)).toBe(500);
    expect(taken(budget, 3_000)).toBe(3);
  });

  it('gives one repetition for ten first attempts', () => {
    const budget = createRetryBudget(0);
    taken(budget, 0);
    for (let attempt = 0; attempt < 501; attempt += 1) budget.attempted();
    expect(taken(budget, 0)).toBe(50);
  });

  it('saves up a hundred at most', () => {
    const budget = createRetryBudget(0);
    for (let attempt = 0; attempt < 10_000; attempt += 1) budget.attempted();
    expect(taken(budget, 1_000_000)).toBe(100);
  });
});
