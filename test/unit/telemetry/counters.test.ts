import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DROP_REASONS } from '../../../src/outcome.ts';
import { createCounters } from '../../../src/telemetry/counters.ts';
import { expectBalance } from '../../support/balance.ts';

describe('createCounters', () => {
  it('balances after any course of events, in the child as in the parent', () => {
    const outcome = fc.constantFrom('open', 'accepted', 'duplicate', 'filtered', ...DROP_REASONS);
    fc.assert(
      fc.property(fc.array(outcome), (outcomes) => {
        const parent = createCounters();
        const child = createCounters(parent);
        for (const each of outcomes) {
          child.emitted();
          if (each === 'filtered') child.filtered();
          else if (each === 'accepted') child.accepted({ duplicate: false });
          else if (each === 'duplicate') child.accepted({ duplicate: true });
          else if (each !== 'open') child.dropped(each);
        }
        expectBalance(child.stats());
        expect(child.stats().emitted).toBe(outcomes.length);
        expect(child.stats().inFlight).toBe(outcomes.filter((each) => each === 'open').length);
        expect(parent.stats()).toEqual(child.stats());
      }),
    );
  });

  it('gives a snapshot that later events do not change', () => {
    const counters = createCounters();
    const before = counters.stats();
    counters.emitted();
    counters.dropped('rejected');
    expect(before.emitted).toBe(0);
    expect(before.dropped.rejected).toBe(0);
  });
});
