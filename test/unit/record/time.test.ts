import { describe, expect, it } from 'vitest';
import { durationMs, timestampOfMs, timestampText } from '../../../src/record/fields.ts';

describe('timestampText', () => {
  it.each([
    [[0, 0], '1970-01-01T00:00:00.000000000Z'],
    [[1_795_446_000, 1], '2026-11-23T15:00:00.000000001Z'],
    [[951_782_400, 999_999_999], '2000-02-29T00:00:00.999999999Z'],
    [[4_107_542_399, 0], '2100-02-28T23:59:59.000000000Z'],
    [[4_107_542_400, 0], '2100-03-01T00:00:00.000000000Z'],
    [[-1, 500_000_000], '1969-12-31T23:59:59.500000000Z'],
    [[253_402_300_799, 0], '9999-12-31T23:59:59.000000000Z'],
    [[253_402_300_800, 0], '+010000-01-01T00:00:00.000000000Z'],
    [[-62_167_219_201, 0], '-000001-12-31T23:59:59.000000000Z'],
  ])('writes %j as %s', (time, text) => {
    expect(timestampText(time)).toBe(text);
  });

  it('keeps the nanoseconds that a number of nanoseconds since the epoch would lose', () => {
    expect(timestampText([1_795_446_000, 123_456_789])).toBe('2026-11-23T15:00:00.123456789Z');
  });

  it.each([
    [[Number.NaN, Number.NaN]],
    [[1.5, 0]],
    [[0, -1]],
    [[0, 1_000_000_000]],
    [[0, 0.5]],
    [[Number.POSITIVE_INFINITY, 0]],
    [[9e12, 0]],
    [[1]],
    [['1', 0]],
    [undefined],
    [null],
    [17],
  ])('refuses %j', (time) => {
    expect(timestampText(time)).toBeUndefined();
  });
});

describe('timestampOfMs', () => {
  it('writes milliseconds since the epoch', () => {
    expect(timestampOfMs(1_795_446_000_123)).toBe('2026-11-23T15:00:00.123000000Z');
  });

  it('gives the epoch for what is no time', () => {
    expect(timestampOfMs(Number.NaN)).toBe('1970-01-01T00:00:00.000000000Z');
    expect(timestampOfMs(1e300)).toBe('1970-01-01T00:00:00.000000000Z');
  });
});

describe('durationMs', () => {
  it.each([
    [[0, 12_345_678], 12.345678],
    [[1, 345_678], 1000.345678],
    [[86_400, 1], 86_400_000.000001],
    [[0, 0], 0],
    [[20_000_000_000, 7], 20_000_000_000_000],
  ])('gives %j as %d', (duration, ms) => {
    expect(durationMs(duration)).toBe(ms);
  });

  it.each([[[-1, 0]], [[0, Number.NaN]], [undefined]])('refuses %j', (duration) => {
    expect(durationMs(duration)).toBeUndefined();
  });
});
