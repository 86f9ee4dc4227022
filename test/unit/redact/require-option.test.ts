import { describe, expect, it } from 'vitest';
import { isExporterError } from '../../../src/errors.ts';
import { digest } from '../../../src/redact/redactor.ts';
import {
  requireArray,
  requireChoice,
  requireFlag,
  requireKnownNames,
  requireNames,
} from '../../../src/redact/resolve.ts';

function refusal(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    if (isExporterError(error) && error.code === 'config_invalid') return error.message;
    throw error;
  }
  return 'accepted';
}

describe('a refused option', () => {
  it('is told which words it may be', () => {
    expect(refusal(() => requireChoice('redact.mode', 'x', ['deny', 'allow']))).toBe(
      'redact.mode must be one of deny, allow',
    );
    expect(requireChoice('redact.mode', 'allow', ['deny', 'allow'])).toBe('allow');
  });

  it.each(['true', 1, null, undefined])('is told that it must be a boolean: %j', (value) => {
    expect(refusal(() => requireFlag('redact.strict', value))).toBe(
      'redact.strict must be a boolean',
    );
  });

  it.each(['a', { length: 0 }, null])('is told that it must be an array: %j', (value) => {
    expect(refusal(() => requireArray('redact.rules', value))).toBe(
      'redact.rules must be an array',
    );
  });

  it.each([[['page', '']], [['page', 7]], [[null]]])(
    'is told that its names must be strings: %j',
    (value) => {
      expect(refusal(() => requireNames('redact.urlQueryAllow', value))).toBe(
        'redact.urlQueryAllow must be an array of strings that are not empty',
      );
    },
  );

  it.each(['text', 7, true, null, undefined, [], () => 1])(
    'is told that it must be an object: %s',
    (value) => {
      expect(refusal(() => requireKnownNames('redact', value, ['id']))).toBe(
        'redact must be an object',
      );
    },
  );

  it('is told which names it may have, and not which it had', () => {
    expect(refusal(() => requireKnownNames('redact.key', { sceret: 1 }, ['id', 'secret']))).toBe(
      'redact.key must be an object with no other names than id, secret',
    );
  });

  it('is told the classes of data when a digest is asked for another', () => {
    expect(refusal(() => digest('x', 'dog' as never))).toBe(
      'class must be one of email, ip, cpf, cnpj, card, phone, jwt, bearer, key, secret, text',
    );
  });
});

describe('an accepted option', () => {
  it('is given back as it is', () => {
    const names = ['page', 'size'];
    expect(requireNames('o', names)).toEqual(names);
    expect([requireFlag('o', true), requireFlag('o', false)]).toEqual([true, false]);
    const known = { id: 'a' };
    expect(requireKnownNames('o', known, ['id', 'secret'])).toBe(known);
  });
});
