import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from './spool-model.ts';
import { createBench } from './spool-model.ts';

const RUNS = 2_000;

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('store' as const),
      sizes: fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      limit: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('acknowledge' as const),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'quarantine' }) },
  { weight: 2, arbitrary: fc.constant<Action>({ do: 'wait' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('disk' as const),
      state: fc.constantFrom(
        'works' as const,
        'works' as const,
        'full' as const,
        'writes short' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fail once' as const),
      operation: fc.constantFrom('write' as const, 'sync' as const, 'create' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('lose power' as const), mask: fc.nat(2 ** 30) }),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'write back' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'kill' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'restart' }) },
);

describe('the spool against a plain account of its promises', () => {
  it('agrees after any sequence of stores, faults, crashes and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 25 }), async (actions) => {
        const bench = createBench();
        for (const each of actions) await bench.run(each);
        expect(await bench.audit()).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});
