import fc from 'fast-check';
import type { Action } from './spool-model.ts';

type Of<K extends Action['do']> = Omit<Extract<Action, { do: K }>, 'do'>;

/** An action with what belongs to it, as often as its weight says. */
function often<K extends Action['do']>(
  weight: number,
  name: K,
  rest: { readonly [P in keyof Of<K>]: fc.Arbitrary<Of<K>[P]> },
): fc.WeightedArbitrary<Action> {
  const action: fc.Arbitrary<unknown> = fc.record({ do: fc.constant(name), ...rest });
  return { weight, arbitrary: action as fc.Arbitrary<Action> };
}

const sizes = fc.array(fc.nat(200), { minLength: 1, maxLength: 5 });

const action = fc.oneof(
  often(8, 'store', { sizes }),
  often(3, 'claim', { limit: fc.integer({ min: 1, max: 6 }) }),
  often(3, 'acknowledge', { count: fc.integer({ min: 1, max: 4 }) }),
  often(2, 'quarantine', {}),
  often(1, 'adopt', {}),
  often(2, 'wait', {}),
  often(3, 'disk', {
    state: fc.constantFrom(
      'working',
      'working',
      'full',
      'filling up',
      'writing short',
      'not syncing',
    ),
  }),
  often(3, 'fail once', {
    operation: fc.constantFrom(
      'write',
      'read',
      'sync',
      'truncate',
      'create',
      'open',
      'list',
      'unlink',
      'rename',
      'syncdir',
      'mkdir',
      'rmdir',
    ),
  }),
  often(3, 'lose power', {
    mask: fc.nat(2 ** 30),
    torn: fc.double({ min: 0, max: 1, noNaN: true }),
    zeros: fc.boolean(),
  }),
  often(1, 'write back', {}),
  often(1, 'kill', {}),
  often(1, 'restart', {}),
  often(1, 'inherit', { sizes }),
  often(1, 'taken for dead', { delivered: fc.integer({ min: 1, max: 4 }) }),
);

/** What happens to a spool, from its beginning. */
export const life: fc.Arbitrary<readonly Action[]> = fc.array(action, {
  minLength: 3,
  maxLength: 25,
});
