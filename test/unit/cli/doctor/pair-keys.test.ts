import { describe, expect, it } from 'vitest';
import { pairKeys } from '../../../../src/cli/redaction-diff.ts';

const isPersonal = (key: string): boolean => key.includes('@');

describe('what became of a key', () => {
  it.each([
    ['stays', { a: 1 }, { a: 2 }, [['a', 'a']]],
    ['gets a suffix', { a: 1 }, { a_hash: 'x' }, [['a', 'a_hash']]],
    [
      'is gone',
      { a: 1, b: 2 },
      { b: 2 },
      [
        ['a', undefined],
        ['b', 'b'],
      ],
    ],
    [
      'stays in place where the name is taken',
      { a: 1, a_hash: 2 },
      { a: 'sha256:x', a_hash: 2 },
      [
        ['a', 'a'],
        ['a_hash', 'a_hash'],
      ],
    ],
    [
      'is gone beside a digest that was there',
      { a: 1, a_hash: 2 },
      { a_hash: 2 },
      [
        ['a', undefined],
        ['a_hash', 'a_hash'],
      ],
    ],
    [
      'is another when it is personal',
      { 'x@y': 1, a: 1, 'z@y': 1 },
      { '[1]': 1, a_hash: 'x', '[2]': 1 },
      [
        ['x@y', '[1]'],
        ['a', 'a_hash'],
        ['z@y', '[2]'],
      ],
    ],
    [
      'is gone although it is personal',
      { 'x@y': 1, a: 1 },
      { a: 1 },
      [
        ['x@y', undefined],
        ['a', 'a'],
      ],
    ],
  ])('%s', (_title, before, after, pairs) => {
    expect(pairKeys(before, after, isPersonal)).toEqual(pairs);
  });
});
