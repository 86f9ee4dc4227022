import canonicalize from 'canonicalize';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/record/json.ts';
import { canonicalJson } from '../../../src/wire/canonical-json.ts';

describe('canonicalJson', () => {
  it.each<[string, JsonValue, string]>([
    [
      'sorts keys by UTF-16 code units',
      { '\u20ac': 1, '\r': 2, '😀': 3, '\ufb33': 4, '1': 5, a: 6 },
      '{"\\r":2,"1":5,"a":6,"€":1,"😀":3,"\ufb33":4}',
    ],
    ['sorts numeric keys as texts', { 10: 'a', 9: 'b' }, '{"10":"a","9":"b"}'],
    [
      'sorts at every depth',
      { b: { d: 1, c: 2 }, a: [{ z: 1, y: 2 }] },
      '{"a":[{"y":2,"z":1}],"b":{"c":2,"d":1}}',
    ],
    ['writes empty containers', { a: {}, b: [] }, '{"a":{},"b":[]}'],
    [
      'writes numbers as ECMAScript does',
      [1e21, 1e-7, 0.1, -0, 333333333.3333333, 4.5],
      '[1e+21,1e-7,0.1,0,333333333.3333333,4.5]',
    ],
    ['writes literals', [true, false, null], '[true,false,null]'],
    [
      'uses the fewest escapes',
      '\u0000\b\t\n\f\r"\\/\u007f\u2028é',
      '"\\u0000\\b\\t\\n\\f\\r\\"\\\\/\u007f\u2028é"',
    ],
    [
      'keeps keys that name prototypes',
      JSON.parse('{"__proto__":1,"constructor":2}') as JsonValue,
      '{"__proto__":1,"constructor":2}',
    ],
  ])('%s', (_, value, text) => {
    expect(canonicalJson(value)).toBe(text);
    expect(canonicalJson(value)).toBe(canonicalize(value));
  });

  it('keeps the orders of objects apart that begin with the same key', () => {
    expect(canonicalJson({ b: 1, a: 2 })).toBe('{"a":2,"b":1}');
    expect(canonicalJson({ b: 1, c: 2 })).toBe('{"b":1,"c":2}');
    expect(canonicalJson({ b: 1 })).toBe('{"b":1}');
    expect(canonicalJson({ b: 3, a: 4 })).toBe('{"a":4,"b":3}');
  });

  it('stays right after more shapes than it remembers', () => {
    for (let shape = 0; shape < 2000; shape += 1) {
      const key = `k${String(shape)}`;
      expect(canonicalJson({ [key]: 1, a: 2 })).toBe(`{"a":2,"${key}":1}`);
    }
  });

  it('writes an object of more keys than it remembers', () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`k${String(199 - index)}`, index]),
    );
    expect(canonicalJson(many)).toBe(canonicalize(many));
  });
});
