import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clampRetryAfter, parseRetryAfter } from '../../../src/delivery/answer.ts';

const NOW = Date.parse('2026-11-23T15:00:00Z');

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['2', 2_000],
    [' 120 ', 120_000],
    ['99999999999', 99_999_999_999_000],
    ['Mon, 23 Nov 2026 15:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 15:00:00 GMT', 0],
  ])('reads %j as %d ms', (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });

  it.each([undefined, '', '-1', '1.5', '10abc', 'soon', '2026-11-23', 'NaN', '0x10', 'Mon, soon'])(
    'does not understand %j',
    (header) => {
      expect(parseRetryAfter(header, NOW)).toBeUndefined();
    },
  );

  it('gives a time that is not negative, or none, whatever the header', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.integer().map(String), fc.date().map(String)),
        (text) => {
          const ms = parseRetryAfter(text, NOW);
          expect(ms === undefined || ms >= 0).toBe(true);
        },
      ),
    );
  });
});

describe('clampRetryAfter', () => {
  it('stays within 15 minutes', () => {
    expect([-5, 0, 1_000, 900_000, 900_001, Infinity].map(clampRetryAfter)).toEqual([
      0, 0, 1_000, 900_000, 900_000, 900_000,
    ]);
  });
});
