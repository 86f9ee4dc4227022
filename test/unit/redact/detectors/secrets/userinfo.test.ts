import { describe, expect, it } from 'vitest';
import { userinfoDetector } from '../../../../../src/redact/detectors/secrets/userinfo.ts';
import { foundPieces } from '../../../../support/found-pieces.ts';

function find(text: string): readonly string[] {
  return foundPieces(text, userinfoDetector.find(text));
}

describe('userinfo detector', () => {
  it('covers login and password without the sign behind them', () => {
    expect(find('postgres://joe:pw@db:5432/app')).toEqual(['joe:pw']);
  });

  it('covers passwords that should have been encoded', () => {
    expect(find('redis://:p/w@cache amqp://u:p@ss@mq')).toEqual([':p/w', 'u:p@ss']);
  });

  it('leaves signs in paths behind a host, a port or an address in brackets', () => {
    const text = 'https://h/@a https://h:8443/@b http://[::1]/@c';
    expect(find(text)).toEqual([]);
  });

  it('leaves addresses outside the URL', () => {
    expect(find('see https://example.com or joe@example.com')).toEqual([]);
  });
});
