import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { isExporterError } from '../../../src/errors.ts';
import { digest } from '../../../src/redact/redactor.ts';
import {
  keylessWarning,
  parseRedactKeys,
  requireChoice,
  resolveKey,
  resolveRedactOptions,
} from '../../../src/redact/resolve.ts';
import { PLAIN_PARAMETERS } from '../../../src/redact/default-rules.ts';

const secret = 'correct horse battery staple 123';
const encoded = Buffer.from(secret).toString('base64');

const SECRET_RULE = 'redact.key.secret must be a string or bytes of at least 32 bytes';
const ID_RULE = 'redact.key.id must be 1 to 32 characters of A-Z a-z 0-9 _ -';
const FORM_RULE = 'a redaction key must have the form <id>:<base64>';
const MATCH_RULE =
  'redact.rules[0].match must be a regular expression or dotted segments that are not empty';

function refusalOf(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    if (isExporterError(error) && error.code === 'config_invalid') return error.message;
    throw error;
  }
  return 'accepted';
}

// What a caller without types may pass.
const refusal = (options: unknown): string =>
  refusalOf(() => resolveRedactOptions(options as never));

describe('the options of redaction', () => {
  it('have defaults for everything', () => {
    const expected = {
      rules: [],
      detect: 'text',
      mode: 'deny',
      naming: 'suffix',
      keys: [],
      stack: 'full',
      urlQueryAllow: new Set(PLAIN_PARAMETERS),
    };
    expect(resolveRedactOptions(undefined)).toEqual(expected);
    expect(resolveRedactOptions({ detect: undefined, key: undefined })).toEqual(expected);
  });

  it.each([
    [{ detect: 'on' }, 'redact.detect must be one of text, all, off'],
    [{ mode: 'whitelist' }, 'redact.mode must be one of deny, allow'],
    [{ naming: 'prefix' }, 'redact.naming must be one of suffix, in-place'],
    [{ stack: false }, 'redact.stack must be one of full, frames, none'],
    [{ urlQueryAllow: 'page' }, 'redact.urlQueryAllow must be an array'],
    [{ urlQueryAllow: { length: 0 } }, 'redact.urlQueryAllow must be an array'],
    [{ rules: {} }, 'redact.rules must be an array'],
    [{ rules: [{ match: '', action: 'mask' }] }, MATCH_RULE],
    [{ rules: [{ match: 'a..b', action: 'mask' }] }, MATCH_RULE],
    [{ rules: [{ match: 3, action: 'mask' }] }, MATCH_RULE],
    [
      { rules: [{ match: 'a', action: 'delete' }] },
      'redact.rules[0].action must be one of hash, mask, drop, truncate, keep',
    ],
    [
      { rules: [{ match: 'a', action: 'mask', class: 'dog' }] },
      'redact.rules[0].class must be one of email, ip, cpf, cnpj, card, phone, iban, cep, rg, cnh, pis, pix, birth_date, mac, name, jwt, bearer, key, secret, text',
    ],
    [
      { rules: [{ match: 'a', action: 'mask', only: true }] },
      'unknown option redact.rules[0].only',
    ],
    [{ rules: [null] }, 'redact.rules[0] must be an object'],
  ])('name the option that is wrong, and what it must be: %j', (options, message) => {
    expect(refusal(options)).toBe(message);
  });

  it.each(['true', 1])('are strict by a boolean only: %j', (strict) => {
    expect(refusal({ strict })).toBe('redact.strict must be a boolean');
  });

  it.each([[['page', '']], [['page', 7]], [[null]]])(
    'allow parameters by their names only: %j',
    (urlQueryAllow) => {
      expect(refusal({ urlQueryAllow })).toBe(
        'redact.urlQueryAllow must be an array of strings that are not empty',
      );
    },
  );

  it('allow parameters by names in any case', () => {
    const { urlQueryAllow } = resolveRedactOptions({ urlQueryAllow: ['Page', 'size'] });
    expect([...urlQueryAllow]).toEqual(['page', 'size']);
  });

  it.each(['text', 7, true, [], () => 1])('are an object: %s', (options) => {
    expect(refusal(options)).toBe('redact must be an object');
  });

  it('have no names but their own', () => {
    expect(refusal({ rule: [] })).toBe('unknown option redact.rule (did you mean redact.rules?)');
    expect(refusal({ banana: [] })).toBe('unknown option redact.banana');
  });

  it('refuse to start without a key when strict', () => {
    expect(refusal({ strict: true })).toBe('redact.strict is set, so redact.key is required');
    expect(refusal({ strict: true, key: { id: 'k1', secret } })).toBe('accepted');
    expect(refusal({ strict: false })).toBe('accepted');
  });

  it('take a regular expression of another realm and free it of its state', () => {
    const match = runInNewContext('/^user\\./g') as RegExp;
    const [rule] = resolveRedactOptions({ rules: [{ match, action: 'mask' }] }).rules;
    expect(String(rule?.match)).toBe('/^user\\./i');
  });
});

describe('a choice', () => {
  it('is given back when it is one of the words', () => {
    expect(requireChoice('redact.mode', 'allow', ['deny', 'allow'])).toBe('allow');
  });

  it('of a class of data is told the classes there are', () => {
    expect(refusalOf(() => digest('x', 'dog' as never))).toBe(
      'class must be one of email, ip, cpf, cnpj, card, phone, iban, cep, rg, cnh, pis, pix, birth_date, mac, name, jwt, bearer, key, secret, text',
    );
  });
});

describe('a key', () => {
  it('shorter than 32 bytes is refused without a word about it', () => {
    const message = refusal({ key: { id: 'k1', secret: 'hunter2hunter2hunter2hunter2hun' } });
    expect(message).toBe(SECRET_RULE);
  });

  it.each([
    7,
    undefined,
    null,
    {},
    Array.from({ length: 40 }, () => 1),
    new ArrayBuffer(40),
    new Uint8Array(31),
    'x'.repeat(31),
  ])('is refused with a secret that is neither text nor bytes, or too short: %o', (value) => {
    expect(refusalOf(() => resolveKey({ id: 'k1', secret: value as never }))).toBe(SECRET_RULE);
  });

  it.each([undefined, '', 'a b', 'é', 'x'.repeat(33), 'k:1', 7])(
    'is refused with the id %j',
    (id) => {
      expect(refusal({ key: { id, secret } })).toBe(ID_RULE);
    },
  );

  it('is taken with the longest id and the shortest secret there may be', () => {
    const id = 'x'.repeat(32);
    expect(resolveKey({ id, secret: new Uint8Array(32) }).id).toBe(id);
  });

  it('is refused with a name that a key does not have', () => {
    expect(refusal({ key: { id: 'k1', secret, secert: 1 } })).toBe(
      'unknown option redact.key.secert (did you mean redact.key.secret?)',
    );
  });

  it('is a secret of the UTF-8 bytes of its text', () => {
    const text = 'é'.repeat(16);
    expect(resolveKey({ id: 'k1', secret: text }).secret.export()).toEqual(Buffer.from(text));
  });

  it('is the active one when it is the first of several, which have different ids', () => {
    const key = [
      { id: 'k2', secret },
      { id: 'k1', secret },
    ];
    expect(resolveRedactOptions({ key }).keys.map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(refusal({ key: [...key, { id: 'k1', secret }] })).toBe(
      'redact.key must not hold two keys of one id',
    );
  });

  it('shows in no dump of the options once they are resolved', () => {
    const resolved = resolveRedactOptions({ key: { id: 'k1', secret } });
    expect(inspect(resolved, { depth: 9, showHidden: true })).not.toContain('horse');
    expect(JSON.stringify(resolved)).not.toContain('horse');
  });

  it('that is missing earns one warning that says what is at stake', () => {
    expect(keylessWarning(resolveRedactOptions({}))).toMatch(/plain SHA-256.*never deletes/);
    expect(keylessWarning(resolveRedactOptions({ key: { id: 'k1', secret } }))).toBeUndefined();
  });
});

describe('keys in the environment', () => {
  const key = (id: string) => ({ id, secret: Buffer.from(secret) });

  it('are read as <id>:<base64>, with white space around their parts', () => {
    expect(parseRedactKeys(`k1:${encoded}`)).toEqual([key('k1')]);
    expect(parseRedactKeys(` k1 : ${encoded}\n`)).toEqual([key('k1')]);
  });

  it('are separated by commas and keep their order, of which the first is active', () => {
    const keys = parseRedactKeys(`new:${encoded}, old:${encoded}`);
    expect(keys).toEqual([key('new'), key('old')]);
    expect(resolveRedactOptions({ key: keys }).keys.map(({ id }) => id)).toEqual(['new', 'old']);
  });

  it.each(['', 'k1', encoded, 'k1:', 'k1:????', `k1:${encoded}?`, `k1:a ${encoded}`])(
    'of another form are refused, with the form there should be: %j',
    (text) => {
      expect(refusalOf(() => parseRedactKeys(text))).toBe(FORM_RULE);
    },
  );

  it('are refused as a whole when one of them is missing or wrong', () => {
    const good = `k1:${encoded}`;
    for (const text of [`,${good}`, `${good},`, `${good},,k2:${encoded}`, `${good},k2`]) {
      expect(refusalOf(() => parseRedactKeys(text))).toBe(FORM_RULE);
    }
    expect(refusalOf(() => parseRedactKeys(`${good},k2:c2hvcnQ=`))).toBe(SECRET_RULE);
    expect(refusalOf(() => parseRedactKeys(`${good},k1:${encoded}`))).toBe(
      'redact.key must not hold two keys of one id',
    );
  });

  it('are refused for an id or a length when the form is right', () => {
    expect(refusalOf(() => parseRedactKeys(`:${encoded}`))).toBe(ID_RULE);
    expect(refusalOf(() => parseRedactKeys(`k 1:${encoded}`))).toBe(ID_RULE);
    expect(refusalOf(() => parseRedactKeys('k1:c2hvcnQ='))).toBe(SECRET_RULE);
    expect(refusalOf(() => parseRedactKeys(`k1:${'A'.repeat(40)}`))).toBe(SECRET_RULE);
  });
});
