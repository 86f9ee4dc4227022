import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createSequenceSet,
  encodeAcks,
  readAcks,
  wholeAckBytes,
} from '../../../src/spool/segment-format.ts';
import type { SequenceSet } from '../../../src/spool/segment-format.ts';

function read(buffer: Buffer): SequenceSet {
  const set = createSequenceSet();
  readAcks(buffer, set);
  return set;
}

describe('acknowledgements', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.maxSafeNat(), { maxLength: 20 }), (sequences) => {
        const set = read(encodeAcks(sequences));
        expect(sequences.every((sequence) => set.has(sequence))).toBe(true);
        expect(sequences.map((sequence) => set.add(sequence))).toEqual(sequences.map(() => false));
      }),
    );
  });

  it('acknowledge nothing else when a bit is another one, and keep the others', () => {
    const pristine = encodeAcks([4, 5, 6]);
    for (let bit = 0; bit < pristine.length * 8; bit += 1) {
      const buffer = Buffer.from(pristine);
      buffer[bit >> 3] = (buffer[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const set = read(buffer);
      const hit = 4 + Math.floor(bit / 96);
      for (let sequence = 0; sequence < 64; sequence += 1) {
        const was = sequence >= 4 && sequence <= 6;
        expect(set.has(sequence)).toBe(was && sequence !== hit);
      }
    }
  });

  it('are ignored where they are cut off', () => {
    const set = read(encodeAcks([4, 5]).subarray(0, 23));
    expect([set.has(4), set.has(5)]).toEqual([true, false]);
  });

  it.each([
    [0, 0],
    [11, 0],
    [12, 12],
    [25, 24],
  ])('of %d bytes are whole in the first %d', (size, whole) => {
    expect(wholeAckBytes(size)).toBe(whole);
  });
});
