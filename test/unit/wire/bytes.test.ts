import { describe, expect, it } from 'vitest';
import { ByteScratch, cutJson, pieceOf, utf8Length } from '../../../src/wire/bytes.ts';

const TEXTS = [
  '',
  'plain',
  'with "quotes" and \\',
  'tab\tnul\0delete\u007f',
  'é',
  '漢字',
  '😀',
  'lone \ud800',
  'x'.repeat(95),
  'x'.repeat(96),
  `${'x'.repeat(95)}"`,
  `${'x'.repeat(95)}é`,
];

describe('a byte scratch', () => {
  it.each(TEXTS)('writes %j as JSON does', (text) => {
    const scratch = new ByteScratch(1024);
    scratch.begin();
    scratch.text(text);
    const json = JSON.stringify(text);
    expect(scratch.finish()).toEqual(Buffer.from(json));
  });

  it.each(TEXTS)('writes %j as JSON inside a JSON text', (text) => {
    const scratch = new ByteScratch(1024);
    scratch.begin();
    scratch.nestedText(text);
    const nested = JSON.stringify(JSON.stringify(text)).slice(1, -1);
    expect(scratch.finish()).toEqual(Buffer.from(nested));
  });

  it.each([10, 200])('writes pieces of %i signs, of ASCII and of more', (count) => {
    for (const sign of ['a', 'é', '😀']) {
      const scratch = new ByteScratch(1024);
      scratch.begin();
      scratch.piece(pieceOf(sign.repeat(count)));
      scratch.ascii(':1');
      const text = `${sign.repeat(count)}:1`;
      expect(scratch.finish()).toEqual(Buffer.from(text));
    }
  });

  it('gives nothing when any part did not fit, also when a shorter one would have', () => {
    const writes = {
      piece: (scratch) => scratch.piece(pieceOf('12345678')),
      ascii: (scratch) => scratch.ascii('12345678'),
      text: (scratch) => scratch.text('123456'),
      nestedText: (scratch) => scratch.nestedText('1234'),
      escapes: (scratch) => scratch.text('"\t'),
    } satisfies Record<string, (scratch: ByteScratch) => void>;
    for (const write of Object.values(writes)) {
      const scratch = new ByteScratch(8 + 10);
      scratch.begin();
      scratch.ascii('.'.repeat(11));
      write(scratch);
      scratch.ascii('x');
      expect(scratch.finish()).toBeUndefined();
      expect(scratch.length()).toBeGreaterThan(18);
      scratch.begin();
      write(scratch);
      expect(scratch.finish()?.byteLength).toBeGreaterThan(0);
    }
  });

  it('takes a text that fits to the last byte', () => {
    for (const [text, size] of [
      ['abc', 5],
      ['abc', 7],
    ] as const) {
      const scratch = new ByteScratch(size);
      scratch.begin();
      if (size === 5) scratch.text(text);
      else scratch.nestedText(text);
      expect(scratch.finish()?.byteLength).toBe(size);
    }
  });
});

describe('utf8Length', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 2],
    ['€', 3],
    ['😀', 4],
  ])('of %j is %d', (text, bytes) => {
    expect(utf8Length(text)).toBe(bytes);
  });
});

describe('cutJson', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abc', 2, 'ab'],
    ['aé', 2, 'a'],
    ['a€b', 4, 'a€'],
    ['a😀b', 4, 'a'],
    ['a😀b', 5, 'a😀'],
    ['a', 0, ''],
    ['a', -1, ''],
  ])('cuts %j at %d bytes to %j', (text, maxBytes, cut) => {
    expect(cutJson(text, maxBytes)).toBe(cut);
  });

  it.each([
    '"',
    '\\',
    '\b',
    '\t',
    '\n',
    '\u000b',
    '\f',
    '\r',
    '\u0000',
    '\u0007',
    '\u000e',
    '\u001f',
    ' ',
    'é',
    '€',
    '😀',
  ])('counts %j as JSON writes it', (character) => {
    const width = utf8Length(JSON.stringify(character)) - 2;
    expect(cutJson(character, width)).toBe(character);
    expect(cutJson(character, width - 1)).toBe('');
  });
});
