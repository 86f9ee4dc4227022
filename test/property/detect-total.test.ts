import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect } from '../../src/redact/detectors/detect.ts';
import type { Detection } from '../../src/redact/detectors/detector.ts';
import { decodePercent } from '../../src/redact/detectors/decoding.ts';
import { redactQuery, redactUrl, redactUrls } from '../../src/redact/detectors/url.ts';
import { stripSqlLiterals } from '../../src/redact/detectors/sql.ts';
import { adversarialUnits } from '../support/adversarial-text.ts';

const LENGTH = 64 * 1024;
const OPTIONS = {
  allow: new Set(['page']),
  replace: (_value: string, kind: string) => `[${kind}]`,
};

/** Texts made of the pieces that detectors look for, so that they reach deep. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(...adversarialUnits, 'joe@example.com', '10.0.0.1', '529.982.247-25', 'x'),
    fc.constantFrom('eyJhbGciOiJub25lIn0', '4111 1111 1111 1111', 'password=a1B2', 'a/b?c=d'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  ),
  { maxLength: 40 },
);
const anyText = pieces.map((list) => list.join(''));

function isOrdered(detections: readonly Detection[], length: number): boolean {
  let end = 0;
  for (const detection of detections) {
    if (detection.start < end || detection.end <= detection.start) return false;
    end = detection.end;
  }
  return end <= length;
}

describe('detection on any text', () => {
  it('gives detections in order, without overlap and inside the text', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('every' as const, 'text' as const), (text, scope) => {
        expect(isOrdered(detect(text, scope), text.length)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('finds with all detectors at least what it finds with the cheap ones', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const all = detect(text, 'text');
        for (const { start, end, class: kind } of detect(text, 'every')) {
          if (kind === 'email') continue; // a URL password may leave the host of an address readable
          expect(all.some((found) => found.start <= start && found.end >= end)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never throws while redacting URLs, queries and statements or decoding escapes', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const redact of [redactUrl, redactUrls, redactQuery]) {
          expect(typeof redact(text, OPTIONS)).toBe('string');
        }
        expect(typeof stripSqlLiterals(text)).toBe('string');
        expect(typeof decodePercent(text).text).toBe('string');
      }),
      { numRuns: 500 },
    );
  });

  it('redacts a redacted URL to itself', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        const once = redactUrl(url, OPTIONS);
        expect(redactUrl(once, OPTIONS)).toBe(once);
      }),
    );
  });

  it.each(adversarialUnits)('finishes on 64 KiB of %j', (unit) => {
    const text = unit.repeat(Math.ceil(LENGTH / unit.length)).slice(0, LENGTH);
    expect(isOrdered(detect(text, 'text'), text.length)).toBe(true);
    expect(typeof redactUrls(text, OPTIONS)).toBe('string');
    expect(typeof redactUrl(`https://h/?page=${text}`, OPTIONS)).toBe('string');
    expect(typeof stripSqlLiterals(`SELECT '${text}`)).toBe('string');
    expect(typeof stripSqlLiterals(text)).toBe('string');
  });
});
