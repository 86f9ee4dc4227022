import { describe, expect, it } from 'vitest';
import { emailDetector } from '../../../../src/redact/detectors/email.ts';
import { foundPieces } from '../../../support/found-pieces.ts';

function find(text: string): readonly string[] {
  return foundPieces(text, emailDetector.find(text));
}

describe('e-mail detector', () => {
  it('leaves quotes, brackets and the dot of the sentence outside', () => {
    expect(find('<joe@example.com>, "ann@example.org".')).toEqual([
      'joe@example.com',
      'ann@example.org',
    ]);
  });

  it('finds unicode local parts and internationalised domains', () => {
    expect(find('用户@例子.广告 josé@müller.de a@xn--mller-kva.de')).toEqual([
      '用户@例子.广告',
      'josé@müller.de',
      'a@xn--mller-kva.de',
    ]);
  });

  it('finds a quoted local part as a whole', () => {
    expect(find('to "john doe"@example.com')).toEqual(['"john doe"@example.com']);
  });

  it('does not begin at the letter of a written-out line break', () => {
    expect(find(String.raw`one\njoe@example.com`)).toEqual(['joe@example.com']);
  });

  it('joins addresses that share text, so that no part is left over', () => {
    expect(find('joe@a.com@b.com')).toEqual(['joe@a.com@b.com']);
  });

  it('drops labels that cannot end a domain', () => {
    expect(find('joe@example.com.5 joe@example.com.json')).toEqual([
      'joe@example.com',
      'joe@example.com',
    ]);
  });

  it.each(['root@localhost', '@scope/pkg@1.2.3', 'logo@2x.png', 'joe@.com', 'a@b.c', '@', 'x@'])(
    'takes %s for no address',
    (text) => {
      expect(find(text)).toEqual([]);
    },
  );

  it('knows the login of repositories, but not of people, before a colon', () => {
    expect(find('git@example.com:a/b.git joe@example.com:/tmp')).toEqual(['joe@example.com']);
    expect(find('ssh://git@example.com/a')).toEqual([]);
  });

  it('finds an address of that name in a sentence', () => {
    expect(find('write to git@example.com: please')).toEqual(['git@example.com']);
  });
});
