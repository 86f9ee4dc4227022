import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  decodeForms,
  decodePercent,
  findUnreadable,
} from '../../../../src/redact/detectors/decoding.ts';

describe('percent decoding', () => {
  it('decodes up to three levels', () => {
    expect(decodePercent('a%252540b')).toEqual({ text: 'a@b', isOpaque: false });
  });

  it('says so when escapes are left behind the third level', () => {
    expect(decodePercent('a%25252540b')).toEqual({ text: 'a%40b', isOpaque: true });
  });

  it('decodes what it can around malformed escapes', () => {
    expect(decodePercent('%zz a%40b %E9 %2')).toEqual({ text: '%zz a@b %E9 %2', isOpaque: false });
  });

  it('decodes characters of several bytes', () => {
    expect(decodePercent('jos%C3%A9')).toEqual({ text: 'josé', isOpaque: false });
  });

  it('leaves a text without escapes as it is', () => {
    expect(decodePercent('100% sure')).toEqual({ text: '100% sure', isOpaque: false });
  });
});

describe('a text as it reads', () => {
  function readOf(text: string): string {
    return decodeForms(text)?.text ?? text;
  }

  it('is the text itself where nothing reads otherwise', () => {
    expect(decodeForms('José, 100 % of c:/x')).toBeUndefined();
  });

  it('has escapes of every kind and four levels resolved', () => {
    expect(readOf('a%40b a\\u0040b a&#64;b a&#x40;b a&commat;b a＠b')).toBe(
      'a@b a@b a@b a@b a@b a@b',
    );
    expect(readOf('\\\\\\u0040')).toBe('\\@');
  });

  it('has a space where a terminal changes its colour, and nothing for signs without width', () => {
    expect(readOf('\u001b[1;31mred\u001b[0m\u001b]0;title\u0007x')).toBe(' red  x');
    expect(readOf('a\u200bb\u2060c\ufeff')).toBe('abc');
  });

  it('keeps escapes that are none and bytes that are no UTF-8', () => {
    expect(readOf('%zz %E9 %c3%28 %F5 &none; \\q %2')).toBe('%zz %E9 %c3( %F5 &none; \\q %2');
  });

  it('knows for each part where it was written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '%40', '\\u0041', '&amp;', '\u200b', '％', '\u001b[1m', 'é')),
        (pieces) => {
          const text = pieces.join('');
          const decoded = decodeForms(text);
          if (decoded === undefined) return;
          for (let at = 0; at < decoded.text.length; at += 1) {
            const [start, end] = decoded.written(at, at + 1);
            expect(start).toBeLessThan(end);
            expect(readOf(text.slice(start, end))).toContain(decoded.text.charAt(at));
          }
        },
      ),
    );
  });

  it('covers as unreadable what is percent-encoded too often', () => {
    const text = 'x=a%25252540b&y';
    const decoded = decodeForms(text);
    expect(decoded && findUnreadable(text, decoded)).toEqual([
      { start: 2, end: 13, class: 'text' },
    ]);
  });
});
