import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/redact/redactor.ts';
import type { RedactOptions } from '../../../src/redact/options.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const key = { id: 'k1', secret: 's'.repeat(32) };
const mac = (text: string): string =>
  `hmac-sha256:k1:${createHmac('sha256', key.secret).update(text).digest('hex')}`;

const redact = (value: unknown, options?: RedactOptions): unknown =>
  JSON.parse(JSON.stringify(createRedactor(options).redact(value)));

describe('hashing', () => {
  it('renames the attribute and stores the digest of the exact bytes', () => {
    expect(redact({ 'user.email': 'Maria@x.com', n: 1 })).toEqual({
      'user.email_hash': sha('Maria@x.com'),
      n: 1,
    });
  });

  it('treats flat and nested names alike, at every depth and in arrays', () => {
    const email = sha('a@b.co');
    expect(redact({ user: { email: 'a@b.co' }, list: [{ a: [{ email: 'a@b.co' }] }] })).toEqual({
      user: { email_hash: email },
      list: [{ a: [{ email_hash: email }] }],
    });
  });

  it('hashes each element of an array and each leaf of an object', () => {
    expect(redact({ emails: ['a', 'b', null], email: { home: 'a', work: ['b'] } })).toEqual({
      emails_hash: [sha('a'), sha('b'), null],
      email: { home_hash: sha('a'), work_hash: [sha('b')] },
    });
    expect(redact({ emails: ['a', { x: 'b' }] })).toEqual({
      emails: [`sha256:${sha('a')}`, { x_hash: sha('b') }],
    });
  });

  it('hashes the text of a number, a CPF with its leading zeros', () => {
    expect(redact({ cpf: 1234567890, ssn: 12 })).toEqual({
      cpf_hash: sha('01234567890'),
      ssn_hash: sha('12'),
    });
  });

  it('leaves booleans, null and counts under built-in rules alone', () => {
    const value = { email_verified: true, email: null, emails_sent: 3, has_password: false };
    expect(redact(value)).toEqual(value);
  });

  it('obeys an own rule for booleans too', () => {
    const rules = [{ match: 'vip', action: 'hash' }] as const;
    expect(redact({ vip: true }, { rules })).toEqual({ vip_hash: sha('true') });
  });

  it('stays in place, naming itself, when the new name is taken', () => {
    expect(redact({ email: 'a', email_hash: 'e'.repeat(64) })).toEqual({
      email: `sha256:${sha('a')}`,
      email_hash: 'e'.repeat(64),
    });
  });

  it('stays in place when asked to', () => {
    expect(redact({ email: 'a' }, { naming: 'in-place' })).toEqual({ email: `sha256:${sha('a')}` });
  });

  it('does not hash a digest again, and takes nothing else for one', () => {
    const done = {
      email_hash: 'a'.repeat(64),
      emailSha256: 'a'.repeat(64),
      email: `sha256:${'b'.repeat(64)}`,
      phone: `hmac-sha256:k-0:${'c'.repeat(64)}`,
    };
    expect(redact(done)).toEqual(done);
    const near = `sha256:${'b'.repeat(63)}`;
    expect(redact({ email: 'd'.repeat(64), email_hash: 'a@b.co', phone: near })).toEqual({
      email: `sha256:${sha('d'.repeat(64))}`,
      email_hash: sha('a@b.co'),
      phone_hash: sha(near),
    });
  });

  it('takes bare hex for a digest under each name that says so, and under no other', () => {
    const done = { email_digest: 'a'.repeat(64), phone_sha256: 'a'.repeat(64) };
    expect(redact(done)).toEqual(done);
    expect(redact({ digest_email: 'a'.repeat(64) })).toEqual({
      digest_email_hash: sha('a'.repeat(64)),
    });
  });

  it('does not hash a mask that stands in place of the value already', () => {
    expect(redact({ cpf: '[cpf]', email: '[masked]' })).toEqual({
      cpf: '[cpf]',
      email: '[masked]',
    });
    expect(redact({ cpf: '[cpf] ' })).toEqual({ cpf_hash: sha('[cpf] ') });
  });

  it('with a key is over class and canonical form and always names itself', () => {
    expect(redact({ email: 'A@b.co', cpf: '123.456.789-09' }, { key })).toEqual({
      email_hash: mac('email\0a@b.co'),
      cpf_hash: mac('cpf\u000012345678909'),
    });
    expect(redact({ email: 'a' }, { key, naming: 'in-place' })).toEqual({ email: mac('email\0a') });
  });
});

describe('masking, truncating and dropping', () => {
  it('masks every leaf and keeps the structure', () => {
    expect(redact({ password: { old: 'a', all: ['b', 7] }, token: 'x' })).toEqual({
      password: { old: '[secret]', all: ['[secret]', '[secret]'] },
      token: '[secret]',
    });
  });

  it('masks also what looks like a digest or like the mask of something else', () => {
    const digest = `sha256:${'b'.repeat(64)}`;
    expect(redact({ password: digest, token: '[email]', secret_hash: 'c'.repeat(64) })).toEqual({
      password: '[secret]',
      token: '[secret]',
      secret_hash: '[secret]',
    });
  });

  it('says which class it masked, if it knows', () => {
    const rules = [
      { match: 'a', action: 'mask' },
      { match: 'b', action: 'mask', class: 'ip' },
    ] as const;
    expect(redact({ a: 'x', b: 'y' }, { rules })).toEqual({ a: '[masked]', b: '[ip]' });
  });

  it.each([
    ['email', 'maria@mail.example.com', 'mail.example.com'],
    ['email', 'no address', '[email]'],
    ['email', 'a@', '[email]'],
    ['email', ' maria@x.com\n', 'x.com'],
    ['email', 'maria@x.com and more', '[email]'],
    ['ip', '203.0.113.7', '203.0.113.0/24'],
    ['ip', '2001:db8:abcd:12::1', '2001:db8:abcd::/48'],
    ['ip', '::ffff:203.0.113.7', '203.0.113.0/24'],
    ['ip', ' 203.0.113.7 ', '203.0.113.0/24'],
    ['ip', ' 2001:db8:abcd:12::1 ', '2001:db8:abcd::/48'],
    ['ip', 'localhost', '[ip]'],
    ['phone', '+5511912345678', '[phone]'],
    ['phone', 'maria@x.com', '[phone]'],
    ['secret', '203.0.113.7', '[secret]'],
    [undefined, 'maria@x.com', 'x.com'],
    [undefined, '203.0.113.7', '203.0.113.0/24'],
    [undefined, 'maria', '[masked]'],
  ] as const)('truncates %s %s to %s', (dataClass, value, rest) => {
    const rules = [{ match: 'v', action: 'truncate', class: dataClass }] as const;
    expect(redact({ v: value }, { rules })).toEqual({ v: rest });
  });

  it('drops name and value, and a container of which nothing is left', () => {
    const rules = [{ match: 'gone', action: 'drop' }] as const;
    expect(
      redact({ gone: { a: 1, b: [{}] }, list: [{ gone: 1 }, 2], stays: { gone: 1 } }, { rules }),
    ).toEqual({ list: [{}, 2], stays: {} });
    expect(redact({ 'process.command_args': ['--password', 'x'], a: 1 })).toEqual({ a: 1 });
  });

  it('leaves a container that was empty before', () => {
    expect(redact({ list: [], map: {}, password: [], email: {} })).toEqual({
      list: [],
      map: {},
      password: [],
      email: {},
    });
  });

  it('lets an earlier rule about a leaf win over the rule about its container', () => {
    const rules = [
      { match: 'a.b', action: 'keep' },
      { match: 'a', action: 'mask' },
    ] as const;
    expect(redact({ a: { b: 'a@b.co', c: 'y' }, 'a.b': 1 }, { rules })).toEqual({
      a: { b: 'a@b.co', c: '[masked]' },
      'a.b': 1,
    });
  });

  it('masks a secret also inside of what is hashed', () => {
    expect(redact({ email: { password: 'hunter2', home: 'a' } })).toEqual({
      email: { password: '[secret]', home_hash: sha('a') },
    });
  });

  it('looks below a name that is kept, so that no secret hides there', () => {
    const rules = [{ match: 'user', action: 'keep' }] as const;
    expect(redact({ user: { password: 'p', email: 'a', note: 'a@b.co' } }, { rules })).toEqual({
      user: {
        password: '[secret]',
        email_hash: sha('a'),
        note: `[email sha256:${sha('a@b.co').slice(0, 32)}]`,
      },
    });
    expect(redact({ user: 'a@b.co' }, { rules })).toEqual({ user: 'a@b.co' });
  });

  it('says of each leaf what it was, also under a rule about its container', () => {
    const rules = [{ match: 'customer', action: 'mask' }] as const;
    expect(redact({ customer: { email: 'x', name: 'y' } }, { rules })).toEqual({
      customer: { email: '[email]', name: '[masked]' },
    });
  });

  it('applies a rule that meets an object to all that is in it', () => {
    const rules = [{ match: /^customer$/, action: 'mask' }] as const;
    expect(redact({ customer: { name: 'x', tags: [{ t: 'y' }] } }, { rules })).toEqual({
      customer: { name: '[masked]', tags: [{ t: '[masked]' }] },
    });
  });
});

describe('allow mode', () => {
  const rules = [
    { match: 'order.id', action: 'keep' },
    { match: 'note', action: 'keep' },
    { match: 'user', action: 'keep' },
    { match: 'customer.*', action: 'keep' },
  ] as const;

  it('lets only what is named travel, nested or flat, and searches it', () => {
    const value = {
      order: { id: 'o1', total: 3, lines: [{ sku: 1 }] },
      'order.id': 'o2',
      note: 'from a@b.co',
      customer: { data: { phone: '1', city: 'X' } },
      user: { name: 'M', email: 'a@b.co', password: 'p' },
      empty: {},
      other: ['x'],
    };
    expect(redact(value, { mode: 'allow', rules })).toEqual({
      order: { id: 'o1' },
      'order.id': 'o2',
      note: `from [email sha256:${sha('a@b.co').slice(0, 32)}]`,
      customer: { data: { phone_hash: sha('1'), city: 'X' } },
      user: { name: 'M', email_hash: sha('a@b.co'), password: '[secret]' },
    });
  });
});

describe('allow mode in a list', () => {
  it('keeps what is named inside of a list that is not', () => {
    const rules = [{ match: 'order.lines.sku', action: 'keep' }] as const;
    const value = { order: { lines: [{ sku: 1, price: 2 }, { sku: 3 }], notes: ['x'] } };
    expect(redact(value, { mode: 'allow', rules })).toEqual({
      order: { lines: [{ sku: 1 }, { sku: 3 }] },
    });
  });
});

describe('names of attributes', () => {
  const marker = `[email sha256:${sha('a@b.co').slice(0, 32)}]`;

  it('that are personal data themselves are replaced', () => {
    expect(redact({ 'a@b.co': 1, x: { 'A@b.co': [2] } })).toEqual({
      [marker]: 1,
      x: { [marker]: [2] },
    });
  });

  it('that become the same are told apart by a number', () => {
    const value = { 'A@b.co': 1, 'a@b.co': 2, 'a@B.co': 3, [`${marker}#3`]: 4 };
    expect(redact(value)).toEqual({
      [marker]: 1,
      [`${marker}#2`]: 2,
      [`${marker}#3`]: 4,
      [`${marker}#4`]: 3,
    });
  });

  it('like __proto__ are ordinary', () => {
    const value: unknown = JSON.parse('{"__proto__":{"email":"a"},"constructor":"c","t":"a@b.co"}');
    const text = JSON.stringify(createRedactor().redact(value));
    expect(text).toContain('"__proto__":{"email_hash":');
    expect(text).toContain('"constructor":"c"');
    expect(Object.hasOwn(Object.prototype, 'email')).toBe(false);
  });
});

describe('a redactor', () => {
  it('shares what did not change and never changes what it was given', () => {
    const redactor = createRedactor();
    const value = Object.freeze({ a: Object.freeze({ email: 'x' }), b: Object.freeze([1]) });
    redactor.redact(value);
    expect(value).toEqual({ a: { email: 'x' }, b: [1] });
  });

  it('counts actions by class, and holds no value', () => {
    const redactor = createRedactor();
    redactor.redact({ email: 'a', password: 'b', message: 'cpf 123.456.789-09' });
    redactor.redact({ 'process.command_args': ['x'] });
    const stats = redactor.stats();
    expect(stats).toEqual({
      hash: { email: 1 },
      mask: { secret: 1, cpf: 1 },
      drop: { text: 1 },
      truncate: {},
      errors: 0,
      cut: 0,
    });
  });

  it('counts what was shortened, and gives a count that later work does not move', () => {
    const redactor = createRedactor({ rules: [{ match: 'v', action: 'truncate', class: 'ip' }] });
    redactor.redact({ v: '203.0.113.7' });
    const before = redactor.stats();
    redactor.redact({ v: '203.0.113.7' });
    expect(before.truncate).toEqual({ ip: 1 });
    expect(redactor.stats().truncate).toEqual({ ip: 2 });
  });

  it('takes a string for free text, and strings in an object or list for names', () => {
    const cpf = '123.456.789-09';
    expect(redact(`cpf ${cpf}`)).toBe('cpf [cpf]');
    expect(redact([cpf, 'a@b.co'])).toEqual([cpf, `[email sha256:${sha('a@b.co').slice(0, 32)}]`]);
    expect([redact(7), redact(null), redact(true)]).toEqual([7, null, true]);
  });

  it('gives the digest that an attribute would hold', () => {
    expect(createRedactor().digest('a')).toBe(sha('a'));
    expect(createRedactor({ key }).digest('A@b.co', 'email')).toBe(mac('email\0a@b.co'));
    expect(createRedactor({ key }).digest('A@b.co')).toBe(mac('text\0A@b.co'));
  });
});
