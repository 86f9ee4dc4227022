import { describe, expect, it } from 'vitest';
import { canonicalForm, canonicalIp, parseIpv4, parseIpv6 } from '../../../src/redact/digest.ts';

describe('one spelling for one address', () => {
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
  ])('writes %s as %s', (text, spelling) => {
    expect(canonicalIp(text)).toBe(spelling);
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
    expect(canonicalIp(text)).toBe(text);
    expect([parseIpv4(text), parseIpv6(text)]).toEqual([undefined, undefined]);
  });

  it('takes no text of more than 64 characters for an address', () => {
    const zoned = (length: number): string => 'fe80::0001%'.padEnd(length, 'e');
    expect(canonicalIp(zoned(64))).toBe('fe80::1');
    expect(canonicalIp(zoned(65))).toBe(zoned(65));
  });

  it('does not see the white space around a value', () => {
    expect(canonicalForm(' 2001:DB8::1\n', 'ip')).toBe('2001:db8::1');
    expect(canonicalForm(' +55 11 91234-5678 ', 'phone')).toBe('+5511912345678');
  });
});
