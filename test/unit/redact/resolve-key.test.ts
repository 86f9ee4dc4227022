import { describe, expect, it } from 'vitest';
import { isExporterError } from '../../../src/errors.ts';
import { parseRedactKey, resolveKey, resolveKeys } from '../../../src/redact/resolve.ts';

const secret = 'correct horse battery staple 123';
const encoded = Buffer.from(secret).toString('base64');

const SECRET_RULE = 'redact.key.secret must be a string or bytes of at least 32 bytes';
const ID_RULE = 'redact.key.id must be 1 to 32 characters of A-Z a-z 0-9 _ -';
const FORM_RULE = 'a redaction key must have the form <id>:<base64>';

function refusal(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    if (isExporterError(error) && error.code === 'config_invalid') return error.message;
    throw error;
  }
  return 'accepted';
}

describe('a key given as an option', () => {
  it.each([
    7,
    undefined,
    null,
    {},
    Array.from({ length: 40 }, () => 1),
    new ArrayBuffer(40),
    'x'.repeat(31),
  ])('is refused with a secret that is neither text nor bytes, or too short: %o', (value) => {
    expect(refusal(() => resolveKey({ id: 'k1', secret: value as never }))).toBe(SECRET_RULE);
  });

  it.each([undefined, '', 'x'.repeat(33), 'a:b'])('is refused with the id %j', (id) => {
    expect(refusal(() => resolveKey({ id: id as never, secret }))).toBe(ID_RULE);
  });

  it('is taken with the longest id and the shortest secret there may be', () => {
    const id = 'x'.repeat(32);
    expect(resolveKey({ id, secret: new Uint8Array(32) }).id).toBe(id);
  });

  it('is refused with a name that a key does not have', () => {
    expect(refusal(() => resolveKey({ id: 'k1', secret, secert: 1 } as never))).toBe(
      'redact.key must be an object with no other names than id, secret',
    );
  });

  it('is refused beside another of its id', () => {
    const key = { id: 'k1', secret };
    expect(refusal(() => resolveKeys([key, key]))).toBe(
      'redact.key must not hold two keys of one id',
    );
  });

  it('is a secret of the UTF-8 bytes of its text', () => {
    const text = 'é'.repeat(16);
    expect(resolveKey({ id: 'k1', secret: text }).secret.export()).toEqual(Buffer.from(text));
  });
});

describe('a key in the environment', () => {
  it('may have white space around its parts', () => {
    expect(parseRedactKey(` k1 : ${encoded}\n`)).toEqual({ id: 'k1', secret: Buffer.from(secret) });
  });

  it.each(['', 'k1', encoded, 'k1:', 'k1:????', `k1:${encoded}?`, `k1:a ${encoded}`])(
    'of another form is refused, with the form there should be: %j',
    (text) => {
      expect(refusal(() => parseRedactKey(text))).toBe(FORM_RULE);
    },
  );

  it('is refused for its id or its length when the form is right', () => {
    expect(refusal(() => parseRedactKey(`:${encoded}`))).toBe(ID_RULE);
    expect(refusal(() => parseRedactKey(`k 1:${encoded}`))).toBe(ID_RULE);
    expect(refusal(() => parseRedactKey('k1:c2hvcnQ='))).toBe(SECRET_RULE);
  });
});
