import { describe, expect, it } from 'vitest';
import { ipv4Detector, ipv6Detector } from '../../../../src/redact/detectors/network.ts';
import { foundPieces } from '../../../support/found-pieces.ts';

function find4(text: string): readonly string[] {
  return foundPieces(text, ipv4Detector.find(text));
}

function find6(text: string): readonly string[] {
  return foundPieces(text, ipv6Detector.find(text));
}

describe('IPv4 detector', () => {
  it('finds addresses with ports, prefixes and punctuation around them', () => {
    expect(find4('10.0.0.1:80, (192.168.0.9)/24, 8.8.8.8.')).toEqual([
      '10.0.0.1',
      '192.168.0.9',
      '8.8.8.8',
    ]);
  });

  it('takes loopback for an address too', () => {
    expect(find4('connect ECONNREFUSED 127.0.0.1:5432')).toEqual(['127.0.0.1']);
  });

  it.each(['256.1.1.1', '1.2.3', '1.2.3.4.5', '01.2.3.4', 'a1.2.3.4', '1.2.3.4b'])(
    'takes %s for no address',
    (text) => {
      expect(find4(text)).toEqual([]);
    },
  );

  it.each(['v1.2.3.4', 'version: 1.2.3.4', 'lib-1.2.3.4.jar', 'Chrome/120.0.0.0', 'Edge/1.2.3.4'])(
    'takes %s for a version',
    (text) => {
      expect(find4(text)).toEqual([]);
    },
  );

  it('takes what follows a host name and a slash for an address', () => {
    expect(find4('db.internal/10.0.0.9:9042')).toEqual(['10.0.0.9']);
  });
});

describe('IPv6 detector', () => {
  it('finds short, long, mapped and scoped addresses', () => {
    const text = '::1 2001:db8:0:1:1:1:1:1 ::ffff:192.0.2.1 fe80::1%eth0 [2001:db8::7]:443';
    expect(find6(text)).toEqual([
      '::1',
      '2001:db8:0:1:1:1:1:1',
      '::ffff:192.0.2.1',
      'fe80::1%eth0',
      '2001:db8::7',
    ]);
  });

  it('leaves the punctuation of the sentence outside', () => {
    expect(find6('at 2001:db8::1: refused by 2001:db8::2.')).toEqual([
      '2001:db8::1',
      '2001:db8::2',
    ]);
  });

  it('finds an address behind a label of hexadecimal letters', () => {
    expect(find6('face:2001:db8:0:1:1:1:1:1')).toEqual(['2001:db8:0:1:1:1:1:1']);
  });

  it.each([
    '12:30:45',
    '00:1a:2b:3c:4d:5e',
    '00:1a:2b:ff:fe:3c:4d:5e',
    'std::vector',
    'a::b',
    '::',
    'x::1y',
    '1:2:3:4:5:6:7:8:9:a',
  ])('takes %s for no address', (text) => {
    expect(find6(text)).toEqual([]);
  });

  it('gives up on runs longer than any address', () => {
    expect(find6(`${'1:'.repeat(60)}:1`)).toEqual([]);
  });
});
