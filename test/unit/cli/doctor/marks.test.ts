import { describe, expect, it } from 'vitest';
import {
  isDigest,
  isOnlyMarks,
  marksIn,
  withoutDigests,
} from '../../../../src/cli/redaction-diff.ts';
import { createRedactor } from '../../../../src/redact/redactor.ts';

const HEX = '0123456789abcdef'.repeat(4);
const KEY = { id: 'k-1', secret: 'a secret of thirty-two bytes, or more' };

describe('the marks in a text', () => {
  it('are those that redaction writes', () => {
    const text =
      'ana@example.com 529.982.247-25 4111 1111 1111 1111 https://u:p@h.example/a?q=1 203.0.113.9';
    const marks = marksIn(createRedactor().redactText(text));
    expect(marks.map((mark) => `${mark.action} ${mark.class}`)).toEqual([
      'hash email',
      'mask cpf',
      'mask card',
      'mask secret',
      'mask query',
      'mask ip',
    ]);
    expect(
      marksIn(createRedactor({ key: KEY }).redactText(text)).map(({ action }) => action),
    ).toEqual(['hash', 'hash', 'hash', 'mask', 'mask', 'hash']);
  });

  it('are found inside a URL', () => {
    const redacted = createRedactor({ key: KEY }).redactText(
      'see https://h.example/ana@example.com',
    );
    expect(redacted).toContain('%20');
    expect(marksIn(redacted)).toEqual([{ action: 'hash', class: 'email' }]);
  });

  it('name what failed and what was cut', () => {
    const long = createRedactor().redactText('a '.repeat(40_000));
    expect(marksIn(long)).toEqual([{ action: 'cut', class: 'text' }]);
    expect(marksIn('[REDACTION_ERROR]')).toEqual([{ action: 'error', class: 'text' }]);
    expect(marksIn('[masked]')).toEqual([{ action: 'mask', class: 'text' }]);
  });

  it.each(['[mail]', 'email', '[email sha256:12]', '[email sha256:xyz]', '[EMAIL]'])(
    'do not include %s',
    (text) => {
      expect(marksIn(text)).toEqual([]);
    },
  );

  it('are kept without their digests', () => {
    const text = `a [email sha256:${HEX.slice(0, 32)}] b [cpf] [+3 characters not kept]`;
    expect(withoutDigests(text)).toBe('a [email] b [cpf] [+3 characters not kept]');
  });

  it('are all there is, or not', () => {
    expect(isOnlyMarks('[secret] ([cpf])')).toBe(true);
    expect(isOnlyMarks('token=[secret]')).toBe(false);
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
  ])('%s: %s', (text, expected) => {
    expect(isDigest(text)).toBe(expected);
  });
});
