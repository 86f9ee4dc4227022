import { describe, expect, it } from 'vitest';
import {
  authorizationDetector,
  bearerDetector,
  jwtDetector,
  privateKeyDetector,
} from '../../../../../src/redact/detectors/secrets/tokens.ts';
import { keyShapeDetector } from '../../../../../src/redact/detectors/secrets/key-shapes.ts';
import type { Detector } from '../../../../../src/redact/detectors/detector.ts';
import { foundPieces } from '../../../../support/found-pieces.ts';

function find(detector: Detector, text: string): readonly string[] {
  return foundPieces(text, detector.find(text));
}

describe('JWT detector', () => {
  it('leaves the dot of the sentence outside', () => {
    expect(find(jwtDetector, 'got eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln. Next')).toEqual([
      'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln',
    ]);
  });

  it('covers all five parts of an encrypted token', () => {
    const token = 'eyJhbGciOiJkaXIifQ..iv.text.tag';
    expect(find(jwtDetector, `x ${token} y`)).toEqual([token]);
  });

  it('finds one that was cut off in its second part', () => {
    expect(find(jwtDetector, 'eyJhbGciOiJub25lIn0.eyJzd')).toEqual(['eyJhbGciOiJub25lIn0.eyJzd']);
  });

  it('takes a lone base64 object for no token', () => {
    expect(find(jwtDetector, 'eyJhbGciOiJub25lIn0 and eyJhbGciOiJub25lIn0.txt')).toEqual([]);
  });

  it.each([' ', '/', 'é', '"', ', '])('comes to an end on two headers with %j between', (sign) => {
    expect(find(jwtDetector, `eyJhbGciOiJub25lIn0${sign}eyJhbGciOiJub25lIn0`)).toEqual([]);
  });

  it('looks on behind a beginning that leads nowhere', () => {
    const token = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln';
    expect(find(jwtDetector, `eyJ0 ${token}`)).toEqual([token]);
  });
});

describe('bearer detector', () => {
  it('covers the credentials and leaves the scheme', () => {
    expect(find(bearerDetector, 'sent Bearer abc.def-1 twice')).toEqual(['abc.def-1']);
  });

  it('takes Basic credentials only when they decode to a login and a password', () => {
    expect(find(bearerDetector, 'Basic dXNlcjpwYXNz')).toEqual(['dXNlcjpwYXNz']);
    expect(find(bearerDetector, 'Basic JavaScript or Basic dXNlcnBhc3M=')).toEqual([]);
  });

  it('takes words about tokens for words', () => {
    expect(find(bearerDetector, 'Bearer token, bearer authentication, token expired')).toEqual([]);
  });

  it('wants the whole name of the scheme', () => {
    expect(find(bearerDetector, 'forbearer abc123def456 xbasic dXNlcjpwYXNz')).toEqual([]);
  });
});

describe('authorization detector', () => {
  it('covers a list of parameters to the end of its line', () => {
    const text = 'Authorization: Digest username="joe", response="a1"\nHost: x';
    expect(find(authorizationDetector, text)).toEqual(['username="joe", response="a1"']);
  });

  it('ends a list of parameters at the quote around the whole value', () => {
    expect(find(authorizationDetector, `'authorization': 'Hawk id="a"', x: 1`)).toEqual(['id="a"']);
  });

  it('finds nothing where a scheme has no parameters', () => {
    expect(find(authorizationDetector, 'authorization="digest " "')).toEqual([]);
  });

  it('finds short credentials that would prove nothing outside such a line', () => {
    expect(find(authorizationDetector, 'authorization: token abc')).toEqual(['abc']);
  });

  it('finds credentials without a scheme', () => {
    expect(find(authorizationDetector, 'Authorization=9944b09199c6')).toEqual(['9944b09199c6']);
  });

  it('takes prose for prose', () => {
    expect(
      find(authorizationDetector, 'authorization: required; Authorization: Bearer realm'),
    ).toEqual([]);
  });
});

describe('key detectors', () => {
  const body = 'a1B2c3D4e5F6g7H8i9J0k1L2';

  it('finds two keys of different kinds in order', () => {
    const first = ['iml', 'live', body].join('_');
    const second = ['glpat', body].join('-');
    expect(find(keyShapeDetector, `${second} then ${first}`)).toEqual([second, first]);
  });

  it('wants the beginning of a word', () => {
    expect(find(keyShapeDetector, `ta${['sk', 'live', body].join('_')}`)).toEqual([]);
  });

  it('wants a key of the right length', () => {
    expect(
      find(keyShapeDetector, `${['AK', 'IA'].join('')}SHORT and ${['ghp', 'x'].join('_')}`),
    ).toEqual([]);
  });

  it('covers a private key from dash to dash and leaves certificates alone', () => {
    const key = '-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----';
    const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
    expect(find(privateKeyDetector, `${certificate}\n${key}\n${certificate}`)).toEqual([key]);
  });

  it('covers a private key without an end to the end of the text', () => {
    expect(find(privateKeyDetector, 'x -----BEGIN PRIVATE KEY-----\nMHcC')).toEqual([
      '-----BEGIN PRIVATE KEY-----\nMHcC',
    ]);
  });
});
