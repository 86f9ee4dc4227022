import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalForm,
  canonicalNumber,
  createDigester,
  publicPart,
  sha256Hex,
} from '../../../src/redact/digest.ts';
import { digest } from '../../../src/redact/redactor.ts';

const secret = 's'.repeat(32);
const sha = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const mac = (text: string): string => createHmac('sha256', secret).update(text).digest('hex');

describe('a plain digest', () => {
  it('is the SHA-256 of the exact bytes, so that sha256sum agrees', () => {
    expect(digest('Maria@Example.com')).toBe(sha('Maria@Example.com'));
    expect(sha256Hex('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('takes a lone surrogate as the bytes it will be encoded to', () => {
    expect(sha256Hex('a\ud800b')).toBe(sha('a\ufffdb'));
  });

  it('of a class is over the canonical form', () => {
    expect(digest(' Maria@Example.com ', 'email')).toBe(sha('maria@example.com'));
    expect(digest('123.456.789-09', 'cpf')).toBe(sha('12345678909'));
  });

  it('inside text is 128 bits of the canonical form and names itself', () => {
    const plain = createDigester(undefined);
    expect(plain.inText('A@b.com', 'email')).toBe(`sha256:${sha('a@b.com').slice(0, 32)}`);
    expect(plain.keyed).toBe(false);
  });
});

describe('a keyed digest', () => {
  const key = { id: 'k1', secret };

  it('is an HMAC over class and canonical form and names its key', () => {
    expect(digest('A@b.com', 'email', { key })).toBe(`hmac-sha256:k1:${mac('email\0a@b.com')}`);
  });

  it('differs between classes for the same digits', () => {
    const asCpf = digest('12345678909', 'cpf', { key });
    expect(digest('12345678909', 'phone', { key })).not.toBe(asCpf);
  });

  it('is the same for a secret given as bytes', () => {
    const bytes = { id: 'k1', secret: Buffer.from(secret) };
    expect(digest('x', 'text', { key: bytes })).toBe(digest('x', 'text', { key }));
  });

  it('is refused for a bad key and an unknown class', () => {
    const invalid = expect.objectContaining({ code: 'config_invalid' }) as Error;
    expect(() => digest('x', 'text', { key: { id: 'k1', secret: 'short' } })).toThrow(invalid);
    expect(() => digest('x', 'dog' as never)).toThrow(invalid);
  });
});

describe('the canonical form', () => {
  it.each([
    ['email', ' Jose\u0301@Example.COM\n', 'jos\u00e9@example.com'],
    ['cpf', '123.456.789-09', '12345678909'],
    ['cnpj', '12.abc.345/01de-35', '12ABC34501DE35'],
    ['card', '4111 1111-1111 1111', '4111111111111111'],
    ['phone', '+55 (11) 91234-5678', '+5511912345678'],
    ['phone', '(11) 91234-5678', '11912345678'],
    ['ip', '::ffff:203.0.113.7', '203.0.113.7'],
    ['ip', '::FFFF:CB00:7107', '203.0.113.7'],
    ['ip', '2001:0DB8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['ip', 'fe80::1%eth0', 'fe80::1'],
    ['ip', '::', '::'],
    ['ip', '1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['ip', 'Not-An-Address', 'not-an-address'],
    ['ip', '203.0.113.255', '203.0.113.255'],
    ['ip', '010.001.0.09', '10.1.0.9'],
    ['ip', '999.1.1.1', '999.1.1.1'],
    ['ip', '1::2::3', '1::2::3'],
    ['secret', ' As It Is ', ' As It Is '],
  ] as const)('of %s %j is %j', (dataClass, text, canonical) => {
    expect(canonicalForm(text, dataClass)).toBe(canonical);
  });

  it('of a CPF that was a number has its leading zeros', () => {
    expect(canonicalNumber(1234567890, 'cpf')).toBe('01234567890');
    expect(canonicalNumber(12, 'phone')).toBe('12');
  });

  it('does not see the white space around a value', () => {
    expect(canonicalForm(' 2001:DB8::1\n', 'ip')).toBe('2001:db8::1');
    expect(canonicalForm(' +55 11 91234-5678 ', 'phone')).toBe('+5511912345678');
  });
});

describe('one spelling for one address', () => {
  const spelling = (text: string): string => canonicalForm(text, 'ip');

  it.each([
    ['255.010.1.1', '255.10.1.1'],
    ['::ffff:203.5.113.7', '203.5.113.7'],
    ['::FFFF:255.255.255.255', '255.255.255.255'],
    ['64:ff9b::203.5.113.7', '64:ff9b::cb05:7107'],
    ['1::ffff:203.5.113.7', '1::ffff:cb05:7107'],
    ['::1:ffff:203.5.113.7', '::1:ffff:cb05:7107'],
    ['::203.5.113.7', '::cb05:7107'],
    ['1:0:0:2::', '1:0:0:2::'],
    ['2001:DB8::A%eth0', '2001:db8::a'],
  ])('writes %s as %s', (text, expected) => {
    expect(spelling(text)).toBe(expected);
  });

  it.each([
    '999.01.1.1',
    '1.2.3.256',
    '01.02.03',
    '::ffff:999.5.113.7',
    'xyz::1',
    '1::xyz',
    '12345::1',
    '1:2:3',
    '1:2:3:4:5:6:7:8:0009',
    '01:2:3:4::5:6:7:8',
    '01::2::3',
  ])('leaves %s alone, which is no address', (text) => {
    expect(spelling(text)).toBe(text);
    expect(publicPart(text, 'ip')).toBeUndefined();
  });

  it('takes no text of more than 64 characters for an address', () => {
    const zoned = (length: number): string => 'fe80::0001%'.padEnd(length, 'e');
    expect(spelling(zoned(64))).toBe('fe80::1');
    expect(spelling(zoned(65))).toBe(zoned(65));
  });

  it('is for an IPv6 address the one that URLs have', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const isMapped = groups.slice(0, 5).every((part) => part === 0) && groups[5] === 0xffff;
        const text = groups.map((part) => part.toString(16).padStart(4, '0')).join(':');
        const inUrl = new URL(`http://[${text}]/`).hostname.slice(1, -1);
        fc.pre(!isMapped);
        expect(spelling(text)).toBe(inUrl);
        expect(spelling(spelling(text))).toBe(spelling(text));
      }),
    );
  });
});
