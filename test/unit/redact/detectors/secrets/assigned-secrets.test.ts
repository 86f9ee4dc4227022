import { describe, expect, it } from 'vitest';
import { assignmentDetector } from '../../../../../src/redact/detectors/secrets/assigned-secrets.ts';
import { foundPieces } from '../../../../support/found-pieces.ts';

function find(text: string): readonly string[] {
  return foundPieces(text, assignmentDetector.find(text));
}

describe('assignment detector', () => {
  it('covers the value and leaves the name', () => {
    expect(find('user=joe password=hunter2; x=1')).toEqual(['hunter2']);
  });

  it('reads names in every style of writing', () => {
    const text = 'clientSecret: a1, CLIENT_SECRET=b2 client-secret => "c3" spring.client.secret=d4';
    expect(find(text)).toEqual(['a1', 'b2', 'c3', 'd4']);
  });

  it('covers a quoted value to its closing quote, over escaped ones', () => {
    expect(find(String.raw`{"password":"a\"b c","x":1}`)).toEqual([String.raw`a\"b c`]);
  });

  it('covers a value in quotes that are escaped themselves', () => {
    expect(find(String.raw`"{\"password\":\"a b\",\"x\":1}"`)).toEqual(['a b']);
  });

  it('leaves placeholders and prose', () => {
    const text = 'password=${PW} pwd=*** secret: ? password: must be long, "password":"" passwd=';
    expect(find(text)).toEqual([]);
  });

  it('covers values that only begin like prose', () => {
    expect(find('password: nothing password=is4me')).toEqual(['nothing', 'is4me']);
  });

  it('wants letters and digits behind a common name', () => {
    expect(find('token=abcdefgh cookie: yes token: 12345678 token=abc12345')).toEqual(['abc12345']);
  });

  it('does not take counters of tokens for tokens', () => {
    expect(find('max_tokens=4096abc tokens: a1b2c3d4')).toEqual([]);
  });
});
