import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/redact/redactor.ts';
import { sha256Hex } from '../../../src/redact/digest.ts';

const Z = 'a1B2c3D4e5F6g7';
const redactor = createRedactor();
const all = createRedactor({ detect: 'all' });

describe('an attribute by its name', () => {
  it.each([
    ...[
      'cartao',
      'numeroCartao',
      'cc',
      'credit_card',
      'user_pass',
      'accessKeyId',
      'contraseña',
      'passwort',
      'account_key',
    ],
    ...[
      'sid',
      'session_id2',
      'clientSecret',
      'chave-secreta',
      'clave_secreta',
      'motDePasse',
      'dob',
      'data_nascimento',
    ],
  ])('%s is masked', (name) => {
    expect(JSON.stringify(redactor.redact({ [name]: Z }))).toMatch(/"\[[a-z_]+\]"/);
  });

  it.each([
    ...[
      'fone',
      'celular',
      'celular2',
      'whatsapp',
      'ip_addr',
      'xff',
      'telefono',
      'correo',
      'full_name',
      'nome_completo',
    ],
    ...['mother_name', 'cep', 'rg', 'cnh', 'pis', 'chave_pix', 'iban', 'mac_address', 'ipAddr'],
  ])('%s is hashed', (name) => {
    expect(redactor.redact({ [name]: Z })).toEqual({ [`${name}_hash`]: sha256Hex(Z) });
  });

  it.each([
    'tokens_used',
    'bypass',
    'compass',
    'desenhado',
    'secretary',
    'public_key_token',
    'key',
    'cpuUsage',
    'order_id',
  ])('%s stays', (name) => {
    expect(redactor.redact({ [name]: Z })).toEqual({ [name]: Z });
  });
});

describe('a name beside its value', () => {
  it.each([
    [[{ name: 'Authorization', value: Z }], [{ name: 'Authorization', value: '[secret]' }]],
    [
      { headers: [{ key: 'x-api-key', value: Z }] },
      { headers: [{ key: 'x-api-key', value: '[secret]' }] },
    ],
    [[['cookie', `sid=${Z}`]], [['cookie', '[secret]']]],
    [
      {
        form: [
          ['senha', Z],
          ['page', '2'],
        ],
      },
      {
        form: [
          ['senha', '[secret]'],
          ['page', '2'],
        ],
      },
    ],
    [
      { field: 'colour', value: 'red' },
      { field: 'colour', value: 'red' },
    ],
    [
      ['password', 'token'],
      ['password', 'token'],
    ],
  ])('decides: %j', (given, expected) => {
    expect(redactor.redact(given)).toEqual(expected);
  });
});

describe('a request as loggers write it', () => {
  it('loses headers that are on no list, and values of its query like the URL beside them', () => {
    const req = {
      headers: { host: 'h.co', 'x-internal': Z, 'content-type': 'text/plain' },
      query: { page: '2', code: Z, n: 5 },
      params: { id: '42', who: 'ana@example.com' },
      url: `/x?code=${Z}&page=2`,
    };
    expect(redactor.redact({ req })).toEqual({
      req: {
        headers: { host: 'h.co', 'x-internal': '[secret]', 'content-type': 'text/plain' },
        query: { page: '2', code: '[query]', n: '[query]' },
        params: { id: '42', who: expect.stringMatching(/^\[email /) as string },
        url: '/x?code=[query]&page=2',
      },
    });
  });
});

describe("detect: 'all'", () => {
  it('looks at numbers', () => {
    expect(
      all.redact({
        documento: 52_998_224_725,
        n: 4_111_111_111_111_111,
        ok: 7,
        list: [52_998_224_725],
      }),
    ).toEqual({
      documento: '[cpf]',
      n: '[card]',
      ok: 7,
      list: ['[cpf]'],
    });
    expect(redactor.redact({ documento: 52_998_224_725 })).toEqual({ documento: 52_998_224_725 });
  });

  it('looks into bytes', () => {
    const bytes = new TextEncoder().encode('mail ana@example.com');
    expect(all.redact({ a: bytes, b: new TextEncoder().encode('nothing of anybody') })).toEqual({
      a: '[masked]',
      b: Buffer.from('nothing of anybody').toString('base64'),
    });
  });
});

describe('keys', () => {
  it('are searched for everything, in direct bodies too', () => {
    expect(
      redactor.redact({ '529.982.247-25': 1, 'to +5511987654321': 2, a: { '203.0.113.7': 3 } }),
    ).toEqual({
      '[cpf]': 1,
      'to [phone]': 2,
      a: { '[ip]': 3 },
    });
  });
});

describe('a list of persons or addresses', () => {
  it.each([
    [
      'user.email',
      'Ana <ana@example.com>, bob@example.com',
      ['ana@example.com', 'bob@example.com'],
    ],
    ['email', '"Ana Souza" <ana@example.com>', ['ana@example.com']],
    ['x_forwarded_for', '203.0.113.7, 198.51.100.2', ['203.0.113.7', '198.51.100.2']],
    ['client.address', '203.0.113.7:8080', ['203.0.113.7']],
    ['client.address', '[2001:db8::1]:443', ['2001:db8::1']],
  ])('has a digest of each in %s', (name, value, parts) => {
    expect(redactor.redact({ [name]: value })).toEqual({ [`${name}_hash`]: parts.map(sha256Hex) });
  });

  it('is one digest where it is one person, or nobody that is known', () => {
    expect(redactor.redact({ email: 'ana@example.com' })).toEqual({
      email_hash: sha256Hex('ana@example.com'),
    });
    expect(redactor.redact({ email: 'not given, yet' })).toEqual({
      email_hash: sha256Hex('not given, yet'),
    });
  });
});

describe('a very large record', () => {
  it('has its rest cut with a marker, never sent unseen, and the next one is whole again', () => {
    const big = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [`f${n}`, `${'x'.repeat(60_000)} ana@example.com`]),
    );
    const before = redactor.stats().cut;
    const text = JSON.stringify(redactor.redact(big));
    expect(text).not.toContain('ana@example.com');
    expect(text).toContain('the rest of the record is not kept');
    expect(text.length).toBeLessThan(400_000);
    expect(redactor.stats().cut).toBeGreaterThan(before);
    expect(redactor.redact({ a: 'x'.repeat(1000) })).toEqual({ a: 'x'.repeat(1000) });
    const list = JSON.stringify(
      redactor.redact(Array.from({ length: 100_000 }, (_, n) => `text ${n}`)),
    );
    expect(list).toContain('the rest of the record is not kept');
  });
});
