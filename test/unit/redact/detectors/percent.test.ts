import { describe, expect, it } from 'vitest';
import { decodePercent, findEncoded } from '../../../../src/redact/detectors/percent.ts';
import { emailDetector } from '../../../../src/redact/detectors/email.ts';

const find = (text: string) => findEncoded(text, (part) => emailDetector.find(part));

describe('percent decoding', () => {
  it('decodes up to three levels', () => {
    expect(decodePercent('a%252540b')).toEqual({ text: 'a@b', isOpaque: false });
  });

  it('says so when escapes are left behind the third level', () => {
    expect(decodePercent('a%25252540b')).toEqual({ text: 'a%40b', isOpaque: true });
  });

  it('decodes what it can around malformed escapes', () => {
    expect(decodePercent('%zz a%40b %E9 %2')).toEqual({ text: '%zz a@b %E9 %2', isOpaque: false });
  });

  it('decodes characters of several bytes', () => {
    expect(decodePercent('jos%C3%A9')).toEqual({ text: 'josé', isOpaque: false });
  });

  it('leaves a text without escapes as it is', () => {
    expect(decodePercent('100% sure')).toEqual({ text: '100% sure', isOpaque: false });
  });
});

describe('encoded detector', () => {
  it('covers the whole token that hides something', () => {
    const text = 'x=joe%40example.com&y=1';
    expect(find(text)).toEqual([{ start: 2, end: 19, class: 'email' }]);
  });

  it('leaves to others what is visible already', () => {
    expect(find('joe%2Bx@example.com')).toEqual([]);
  });

  it('leaves tokens that hide nothing', () => {
    expect(find('a%20b caf%C3%A9 %zz 100%')).toEqual([]);
  });

  it('covers as text what is encoded too often to be read', () => {
    expect(find('a%25252540b')).toEqual([{ start: 0, end: 11, class: 'text' }]);
  });
});
