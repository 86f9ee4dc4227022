import { describe, expect, it } from 'vitest';
import type { BreakerState } from '../../../src/delivery/traffic.ts';
import {
  CLOSED,
  GOING_WELL,
  RetryBudget,
  afterFailure,
  afterFirst,
  afterNothing,
  afterSuccess,
  nextStepMs,
  slowStartLimit,
  triesBeforeDoubt,
  whileHalfOpen,
} from '../../../src/delivery/traffic.ts';

const policy = { maxRetries: 5, initialDelayMs: 500, maxDelayMs: 60_000 };
const at = (now: number) => ({ now, random: 0.5, policy });

function after(outcomes: string, start: BreakerState = CLOSED): BreakerState {
  let state = start;
  for (const outcome of outcomes) {
    state = outcome === '+' ? afterSuccess(state) : afterFailure(state, at(100));
  }
  return state;
}

describe('the circuit breaker', () => {
  it.each([
    ['----', 'closed'],
    ['-----', 'open'],
    ['----+----', 'closed'],
    ['-+'.repeat(200), 'closed'],
    ['---+'.repeat(50) + '-----', 'closed'],
    ['---+'.repeat(50) + '-'.repeat(64), 'open'],
    ['---+'.repeat(50) + '+'.repeat(50) + '-----', 'open'],
  ])('after %s is %s', (outcomes, kind) => {
    expect(after(outcomes).kind).toBe(kind);
  });

  it('probes five times at once, then waits twice as long after each probe that failed', () => {
    const waits: number[] = [];
    let state = after('-----');
    for (let probe = 0; probe < 14; probe += 1) {
      if (state.kind === 'open') waits.push(state.probeAt - 100);
      state = afterFailure(whileHalfOpen(state), at(100));
    }
    expect(waits.slice(0, 5)).toEqual([200, 200, 200, 200, 200]);
    expect(waits.slice(5)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('closes when the probe is answered', () => {
    expect(afterSuccess(whileHalfOpen(after('-----'))).kind).toBe('closed');
  });

  it('takes no answer to a request of before the outage for a sign', () => {
    const open = after('-----');
    expect(afterSuccess(open)).toBe(open);
    expect(afterFailure(open, at(200))).toBe(open);
  });

  it('probes again at once when a probe was ended before it could show anything', () => {
    const state = afterNothing(whileHalfOpen(after('-----')), at(300));
    expect(state).toMatchObject({ kind: 'open', probeAt: 300 });
  });
});

describe('failures in a row', () => {
  it.each([
    [1, 5],
    [0.5, 7],
    [0.25, 17],
    [0.1, 44],
    [0.01, 64],
  ])('with a share of %d that go well, must be %s to be no chance', (share, tries) => {
    expect(triesBeforeDoubt({ share, inARow: 0 })).toBe(tries);
  });

  it('count for the share once another event went well', () => {
    let run = GOING_WELL;
    for (let failure = 0; failure < 8; failure += 1) run = afterFirst(run, false);
    expect(run).toEqual({ share: 1, inARow: 8 });
    run = afterFirst(run, true);
    expect(run.share).toBeCloseTo(0.426);
    expect(run.inARow).toBe(0);
  });
});

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

function taken(budget: RetryBudget, now: number): number {
  let count = 0;
  while (budget.take(now)) count += 1;
  return count;
}

describe('the retry budget', () => {
  it('gives one repetition per second to a service that sends nothing', () => {
    const budget = new RetryBudget(0);
    expect(taken(budget, 0)).toBe(1);
    expect(budget.waitMs(0)).toBe(1_000);
    expect(taken(budget, 500)).toBe(0);
    expect(budget.waitMs(500)).toBe(500);
    expect(taken(budget, 3_000)).toBe(3);
  });

  it('gives one repetition for ten first attempts', () => {
    const budget = new RetryBudget(0);
    taken(budget, 0);
    for (let attempt = 0; attempt < 501; attempt += 1) budget.attempted();
    expect(taken(budget, 0)).toBe(50);
  });

  it('saves up a hundred at most', () => {
    const budget = new RetryBudget(0);
    for (let attempt = 0; attempt < 10_000; attempt += 1) budget.attempted();
    expect(taken(budget, 1_000_000)).toBe(100);
  });
});
