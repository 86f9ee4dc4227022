import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBoundedLog } from '../../../src/emulator/handle.ts';

describe('a bounded log', () => {
  it('has the newest items in order, never more than its capacity', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.array(fc.nat()), (capacity, items) => {
        const log = createBoundedLog<number>(capacity);
        for (const item of items) log.add(item);
        expect(log.items()).toEqual(items.slice(Math.max(0, items.length - capacity)));
      }),
    );
  });

  it('gives out copies', () => {
    const log = createBoundedLog<string>(3);
    const before = log.items();
    log.add('a');
    expect(before).toEqual([]);
  });
});
