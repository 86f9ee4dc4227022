import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect } from '../../src/redact/detectors/detect.ts';

/** Signs and words that stand around values in logs, queries, documents and messages. */
const BEFORE: readonly string[] = [
  ...[
    '',
    ' ',
    '"',
    "'",
    '(',
    '[',
    '{',
    '<',
    '=',
    ':',
    ';',
    ',',
    '|',
    '/',
    '\\"',
    '\n',
    '\t',
    '\\n',
  ],
  ...['id=', 'to: ', '&', '?x=', '`', '“', '>', '- ', '* ', '# ', 'é ', '，', '\u00a0', 'a b '],
];
const AFTER: readonly string[] = [
  ...[
    '',
    ' ',
    '"',
    "'",
    ')',
    ']',
    '}',
    '>',
    ';',
    ',',
    '|',
    '/',
    '\\"',
    '\n',
    '\t',
    '&',
    '. ',
    '! ',
  ],
  ...['?x', '`', '”', '<', ' é', '，', '\u00a0', ' and', ': ', '#'],
];

/** One value of each class that no sign next to it may hide. */
const VALUES: readonly string[] = [
  'joe.bloggs+tag@mail.example.com',
  'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  ['iml', 'live', 'a1B2c3D4e5F6g7H8'].join('_'),
  ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_'),
  'Bearer a1B2c3D4e5F6',
  'password=a1B2c3D4',
  '529.982.247-25',
  '52998224725',
  '11.222.333/0001-81',
  '11222333000181',
  '12ABC34501DE35',
  '4111 1111 1111 1111',
  '4111111111111111',
  '378282246310005',
  '+55 11 98765-4321',
  '+5511987654321',
  '203.0.113.7',
  '2001:db8::7334',
];

/** The part of a value that may stay readable: the name of the scheme or of the secret. */
function secretOf(value: string): string {
  return value.replace(/^(?:Bearer |password=)/u, '');
}

/** Bare digits behind `id=` are an id, which one in forty card numbers might be. */
function beforeOf(value: string): readonly string[] {
  return /^\d{15,16}$/u.test(value) ? BEFORE.filter((before) => before !== 'id=') : BEFORE;
}

describe('detection in any surroundings', () => {
  it.each(VALUES)('finds %s whatever stands around it', (value) => {
    const secret = secretOf(value);
    fc.assert(
      fc.property(
        fc.constantFrom(...beforeOf(value)),
        fc.constantFrom(...AFTER),
        (before, after) => {
          const text = before + value + after;
          const start = before.length + value.length - secret.length;
          const end = start + secret.length;
          const covered = detect(text, 'text').some((one) => one.start <= start && one.end >= end);
          expect({ text, covered }).toEqual({ text, covered: true });
        },
      ),
      { numRuns: BEFORE.length * AFTER.length * 2 },
    );
  });

  it.each(VALUES)('finds %s behind percent escapes of every sign', (value) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), (levels) => {
        let encoded = Array.from(Buffer.from(value), (byte) => byte.toString(16).padStart(2, '0'))
          .map((hex) => `%${hex}`)
          .join('');
        for (let level = 1; level < levels; level += 1) encoded = encodeURIComponent(encoded);
        const [found] = detect(`x=${encoded}&y=1`, 'text');
        // Signs that stay readable may stand in front of a secret, each three units or more.
        const name = value.length - secretOf(value).length;
        const start = 2 + (encoded.length / value.length) * name;
        expect(found).toMatchObject({ start, end: 2 + encoded.length });
      }),
    );
  });
});
