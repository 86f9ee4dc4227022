import { describe, expect, it } from 'vitest';
import type { Change, ValuePair } from '../../../src/cli/redaction-diff.ts';
import {
  changesOf,
  leftoversOf,
  pairTrees,
  withoutDigests,
} from '../../../src/cli/redaction-diff.ts';
import type { JsonObject } from '../../../src/record/json.ts';
import { createRedactor } from '../../../src/redact/redactor.ts';
import { resolveRedactOptions } from '../../../src/redact/resolve.ts';
import { createDecisions } from '../../../src/redact/rules.ts';

const HEX = '0123456789abcdef'.repeat(4);
const KEY = { id: 'k-1', secret: 'a secret of thirty-two bytes, or more' };
const decide = createDecisions(resolveRedactOptions({}));

function pairOf(name: string, before: string, after: string): ValuePair {
  return { path: name, name, before, after, keys: undefined };
}

/** What redaction did to a text of which this is left. */
function changesIn(text: string): readonly Omit<Change, 'path'>[] {
  return changesOf(pairOf('note', '', text), decide).map(({ action, class: kind }) => ({
    action,
    class: kind,
  }));
}

describe('the marks in a text', () => {
  it('are those that redaction writes', () => {
    const text =
      'ana@example.com 529.982.247-25 4111 1111 1111 1111 https://u:p@h.example/a?q=1 203.0.113.9';
    const marks = changesIn(createRedactor().redactText(text));
    expect(marks.map((mark) => `${mark.action} ${mark.class}`)).toEqual([
      'hash email',
      'mask cpf',
      'mask card',
      'mask secret',
      'mask query',
      'mask ip',
    ]);
    expect(
      changesIn(createRedactor({ key: KEY }).redactText(text)).map(({ action }) => action),
    ).toEqual(['hash', 'hash', 'hash', 'mask', 'mask', 'hash']);
  });

  it('are found inside a URL', () => {
    const redacted = createRedactor({ key: KEY }).redactText(
      'see https://h.example/ana@example.com',
    );
    expect(redacted).toContain('%20');
    expect(changesIn(redacted)).toEqual([{ action: 'hash', class: 'email' }]);
  });

  it('name what failed and what was cut', () => {
    const long = createRedactor().redactText('a '.repeat(40_000));
    expect(changesIn(long)).toEqual([{ action: 'cut', class: 'text' }]);
    expect(changesIn('[REDACTION_ERROR]')).toEqual([{ action: 'error', class: 'text' }]);
    expect(changesIn('[masked]')).toEqual([{ action: 'mask', class: 'text' }]);
  });

  it.each(['[mail]', 'email', '[email sha256:12]', '[email sha256:xyz]', '[EMAIL]'])(
    'do not include %s',
    (text) => {
      expect(changesIn(text)).toEqual([{ action: 'rewrite', class: 'text' }]);
    },
  );

  it('are kept without their digests', () => {
    const text = `a [email sha256:${HEX.slice(0, 32)}] b [cpf] [+3 characters not kept]`;
    expect(withoutDigests(text)).toBe('a [email] b [cpf] [+3 characters not kept]');
  });

  it('are all there is, or not', () => {
    const leftOf = (text: string): readonly string[] => [
      ...leftoversOf(pairOf('password', text, text), decide),
    ];
    expect(leftOf('[secret] ([cpf])')).toEqual([]);
    expect(leftOf('token=[secret]')).toEqual(['secret']);
  });
});

describe('a digest', () => {
  it.each([
    [HEX, true],
    [`sha256:${HEX}`, true],
    [`hmac-sha256:k1:${HEX}`, true],
    [`${HEX}0`, false],
    [HEX.toUpperCase(), false],
    ['', false],
  ])('is told from any other text: %s: %s', (text, expected) => {
    const [change] = changesOf(pairOf('note', 'before', text), decide);
    expect(change?.action === 'hash').toBe(expected);
  });
});

/** Every key with what became of it; of one that is personal and gone, its class is shown. */
function keysIn(before: JsonObject, after: JsonObject): readonly (readonly unknown[])[] {
  const show = (key: string): string => (key.includes('@') ? '[email]' : key);
  const whole = { path: '', name: '', before, after, keys: undefined };
  const [, ...members] = pairTrees(whole, { show, roots: new Set() });
  return members.map(({ path, keys }) => [keys?.[0] ?? path, keys?.[1]]);
}

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
        ['[email]', undefined],
        ['a', 'a'],
      ],
    ],
  ])('%s', (_title, before, after, pairs) => {
    expect(keysIn(before, after)).toEqual(pairs);
  });
});
