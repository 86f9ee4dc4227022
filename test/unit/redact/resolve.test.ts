import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { isExporterError } from '../../../src/errors.ts';
import {
  keylessWarning,
  parseRedactKey,
  resolveRedactOptions,
} from '../../../src/redact/resolve.ts';

const secret = 'correct horse battery staple 123';

// What a caller without types may pass.
function refusal(options: unknown): string {
  try {
    resolveRedactOptions(options as never);
  } catch (error) {
    if (isExporterError(error) && error.code === 'config_invalid') return error.message;
    throw error;
  }
  return 'accepted';
}

describe('the options of redaction', () => {
  it('have defaults for everything', () => {
    const expected = {
      rules: [],
      detect: 'text',
      mode: 'deny',
      naming: 'suffix',
      keys: [],
      stack: 'full',
      urlQueryAllow: new Set(),
    };
    expect(resolveRedactOptions(undefined)).toEqual(expected);
    expect(resolveRedactOptions({ detect: undefined, key: undefined })).toEqual(expected);
  });

  it.each([
    [{ detect: 'on' }, 'redact.detect'],
    [{ mode: 'whitelist' }, 'redact.mode'],
    [{ naming: 'prefix' }, 'redact.naming'],
    [{ stack: false }, 'redact.stack'],
    [{ strict: 'yes' }, 'redact.strict'],
    [{ urlQueryAllow: [''] }, 'redact.urlQueryAllow'],
    [{ urlQueryAllow: 'page' }, 'redact.urlQueryAllow'],
    [{ rules: {} }, 'redact.rules'],
    [{ rules: [{ match: 'a', action: 'delete' }] }, 'redact.rules[0].action'],
    [{ rules: [{ match: '', action: 'mask' }] }, 'redact.rules[0].match'],
    [{ rules: [{ match: 'a..b', action: 'mask' }] }, 'redact.rules[0].match'],
    [{ rules: [{ match: 3, action: 'mask' }] }, 'redact.rules[0].match'],
    [{ rules: [{ match: 'a', action: 'mask', class: 'dog' }] }, 'redact.rules[0].class'],
    [{ rules: [{ match: 'a', action: 'mask', only: true }] }, 'redact.rules[0]'],
    [{ rules: [null] }, 'redact.rules[0]'],
    [{ rule: [] }, 'redact'],
    ['strict', 'redact'],
  ])('name the option that is wrong: %j', (options, name) => {
    expect(refusal(options)).toContain(`${name} must be`);
  });

  it('refuse to start without a key when strict', () => {
    expect(refusal({ strict: true })).toContain('redact.key');
    expect(refusal({ strict: true, key: { id: 'k1', secret } })).toBe('accepted');
  });

  it('take a regular expression of another realm and free it of its state', () => {
    const match = runInNewContext('/^user\\./g') as RegExp;
    const [rule] = resolveRedactOptions({ rules: [{ match, action: 'mask' }] }).rules;
    expect(String(rule?.match)).toBe('/^user\\./i');
  });
});

describe('a key', () => {
  it('shorter than 32 bytes is refused without a word about it', () => {
    const message = refusal({ key: { id: 'k1', secret: 'hunter2hunter2hunter2hunter2hun' } });
    expect(message).toContain('redact.key.secret');
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain('31');
  });

  it('counts a string in UTF-8 bytes', () => {
    expect(refusal({ key: { id: 'k1', secret: 'é'.repeat(16) } })).toBe('accepted');
    expect(refusal({ key: { id: 'k1', secret: new Uint8Array(31) } })).toContain('secret');
  });

  it.each(['', 'a b', 'é', 'x'.repeat(33), 'k:1', 7])('with the id %j is refused', (id) => {
    expect(refusal({ key: { id, secret } })).toContain('redact.key.id');
  });

  it('is the active one when it is the first of several', () => {
    const key = [
      { id: 'k2', secret },
      { id: 'k1', secret },
    ];
    expect(resolveRedactOptions({ key }).keys.map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(refusal({ key: [...key, { id: 'k1', secret }] })).toContain('two keys');
  });

  it('shows in no dump of the options once they are resolved', () => {
    const resolved = resolveRedactOptions({ key: { id: 'k1', secret } });
    expect(inspect(resolved, { depth: 9, showHidden: true })).not.toContain('horse');
    expect(JSON.stringify(resolved)).not.toContain('horse');
  });

  it('is read from the environment as <id>:<base64>', () => {
    const encoded = Buffer.from(secret).toString('base64');
    expect(parseRedactKey(`k1:${encoded}`)).toEqual({ id: 'k1', secret: Buffer.from(secret) });
  });

  it.each(['k1', 'k1:', 'k1:????', `:${'A'.repeat(44)}`, `k1:${'A'.repeat(40)}`])(
    'of the form %j in the environment is refused',
    (text) => {
      expect(() => parseRedactKey(text)).toThrow(
        expect.objectContaining({ code: 'config_invalid' }),
      );
    },
  );

  it('that is missing earns one warning that says what is at stake', () => {
    expect(keylessWarning(resolveRedactOptions({}))).toMatch(/plain SHA-256.*never deletes/);
    expect(keylessWarning(resolveRedactOptions({ key: { id: 'k1', secret } }))).toBeUndefined();
  });
});
