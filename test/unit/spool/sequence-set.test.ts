import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSequenceSet } from '../../../src/spool/segment-format.ts';

describe('a set of sequences', () => {
  it('does what a set does', () => {
    const sequence = fc.oneof(fc.nat(200_000), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(sequence, { maxLength: 100 }), fc.array(sequence), (added, asked) => {
        const set = createSequenceSet();
        const plain = new Set<number>();
        for (const each of added) {
          expect(set.add(each)).toBe(!plain.has(each));
          plain.add(each);
        }
        for (const each of [...asked, ...added]) expect(set.has(each)).toBe(plain.has(each));
      }),
    );
  });

  it('takes one bit for each of a million that lie together', () => {
    const before = process.memoryUsage().arrayBuffers;
    const set = createSequenceSet();
    for (let sequence = 0; sequence < 1_000_000; sequence += 1) set.add(sequence);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(set.has(999_999)).toBe(true);
  });
});
