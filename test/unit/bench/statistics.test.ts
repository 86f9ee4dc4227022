import { describe, expect, it } from 'vitest';
import { percentile, ratioOf, spreadOf } from '../../bench/support/statistics.ts';

describe('statistics of the benchmarks', () => {
  it('takes the middle of an odd number of rounds, whatever their order', () => {
    expect(spreadOf([30, 2, 100])).toEqual({ median: 30, min: 2, max: 100 });
  });

  it('takes the mean of the middle two of an even number of rounds', () => {
    expect(spreadOf([4, 1, 3, 100])).toEqual({ median: 3.5, min: 1, max: 100 });
  });

  it('leaves the measurements in the order they were taken', () => {
    const values = [3, 1, 2];
    spreadOf(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it.each([[[]], [[1, Number.NaN]], [[Infinity]]])('refuses to sum up %j', (values) => {
    expect(() => spreadOf(values)).toThrow(RangeError);
  });

  it('compares within each round, not between medians', () => {
    expect(ratioOf([10, 40, 90], [10, 20, 30])).toEqual({ median: 2, min: 1, max: 3 });
  });

  it('refuses to compare contenders that were not measured in the same rounds', () => {
    expect(() => ratioOf([1, 2], [1])).toThrow(RangeError);
  });

  it('refuses to divide by a round in which nothing was done', () => {
    expect(() => ratioOf([1], [0])).toThrow(RangeError);
  });

  it('finds the value that a share of the measurements does not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile([7], 0.01)).toBe(7);
  });
});
