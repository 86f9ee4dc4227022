import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, isWellFormed, isWellFormedJson } from '../../../src/emulator/contract.ts';

const codeUnit = fc.integer({ min: 0, max: 0xffff });
const surrogate = fc.integer({ min: 0xd800, max: 0xdfff });

describe('well-formed text', () => {
  it('is what survives a way through UTF-8', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(codeUnit, surrogate)), (units) => {
        const text = String.fromCharCode(...units);
        expect(isWellFormed(text)).toBe(Buffer.from(text, 'utf8').toString('utf8') === text);
      }),
    );
  });

  it('is seen through any mixture of escapes', () => {
    const unit = fc.constantFrom(
      'a',
      '\\\\',
      '\\n',
      '\\ud83d',
      '\\uDE00',
      '\\u0041',
      '😀',
      'ud83d',
    );
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const json = `"${units.join('')}"`;
        expect(isWellFormedJson(json)).toBe(isWellFormed(String(JSON.parse(json))));
      }),
      { numRuns: 500 },
    );
  });
});

describe('decoding UTF-8', () => {
  it('gives back every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text);
      }),
    );
  });

  it.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0xc0, 0x80]]])(
    'refuses the bytes %j',
    (bytes) => {
      expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined();
    },
  );

  it('keeps a byte order mark', () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  });
});
