import { describe, expect, it } from 'vitest';
import { redactQuery, redactUrl, redactUrls } from '../../../../src/redact/detectors/url.ts';

const options = {
  allow: new Set(['page', 'q', 'next', 'sig']),
  replace: (_value: string, kind: string) => `[${kind} here]`,
};

describe('redaction of a query', () => {
  it('keeps the names and hides the values', () => {
    expect(redactQuery('?a=1&b=two;c=', options)).toBe('?a=[query]&b=[query];c=');
  });

  it('keeps the value of an allowed name, whatever the case of the name', () => {
    expect(redactQuery('Page=2&q=red+shoes', options)).toBe('Page=2&q=red+shoes');
  });

  it('searches an allowed value behind its escapes', () => {
    expect(redactQuery('q=mail%20joe%2540example.com', options)).toBe('q=mail%20[email%20here]');
  });

  it('searches an allowed value with its pluses read as spaces', () => {
    expect(redactQuery('q=phone+(11)+98765-4321', options)).toBe('q=phone+[phone%20here]');
  });

  it('hides an allowed value that has parameters of its own', () => {
    expect(redactQuery('next=%2Freset%3Ftoken%3Dabc', options)).toBe('next=[query]');
  });

  it('hides an allowed value that is encoded too often to be read', () => {
    expect(redactQuery('q=a%25252540b', options)).toBe('q=[text%20here]');
  });

  it.each([
    'X-Amz-Signature',
    'X-Amz-Credential',
    'X-Amz-Security-Token',
    'AWSAccessKeyId',
    'Signature',
    'sig',
    'X-Goog-Signature',
    's%69g',
  ])('takes the signature %s away even if it is allowed', (name) => {
    expect(redactQuery(`${name}=abc`, options)).toBe(`${name}=[secret%20here]`);
  });

  it('masks a name that is personal data', () => {
    expect(redactQuery('joe%40example.com=1', options)).toBe('[email%20here]=[query]');
  });

  it('keeps a flag and hides anything else without a name', () => {
    expect(redactQuery('verbose&8f3a77&', options)).toBe('verbose&[query]&');
  });

  it('gives the same when applied again', () => {
    const once = redactQuery('a=1&q=joe@example.com&sig=x', options);
    expect(redactQuery(once, options)).toBe(once);
  });
});

describe('redaction of one URL', () => {
  it('masks userinfo and keeps host and port', () => {
    expect(redactUrl('https://joe:pw@h.example:8443/a', options)).toBe(
      'https://[secret%20here]@h.example:8443/a',
    );
  });

  it('searches path segments behind their escapes', () => {
    expect(redactUrl('https://h/u/joe%2540example.com/x%2Fy', options)).toBe(
      'https://h/u/[email%20here]/x%2Fy',
    );
  });

  it('finds what reaches over a slash of the path', () => {
    expect(redactUrl('/c/11.222.333/0001-81/x', options)).toBe('/c/[cnpj%20here]/x');
  });

  it('encodes anew what stays of a segment in which it found something', () => {
    expect(redactUrl('/a%20b%3Fjoe%40example.com', options)).toBe('/a%20b%3F[email%20here]');
  });

  it('treats a fragment with parameters like a query', () => {
    expect(redactUrl('https://h/#access_token=x&page=2', options)).toBe(
      'https://h/#access_token=[query]&page=2',
    );
    expect(redactUrl('https://h/#/route?id=7', options)).toBe('https://h/#/route?id=[query]');
    expect(redactUrl('https://h/#section-2', options)).toBe('https://h/#section-2');
  });

  it('takes relative references and bare paths', () => {
    expect(redactUrl('/search?q=x&id=7', options)).toBe('/search?q=x&id=[query]');
    expect(redactUrl('//u:p@h/x', options)).toBe('//[secret%20here]@h/x');
    expect(redactUrl('mailto:joe@example.com', options)).toBe('mailto:[email%20here]');
    expect(redactUrl('', options)).toBe('');
  });

  it('never throws on malformed escapes', () => {
    expect(redactUrl('/%zz/%E9?q=%&page=%E0%A4', options)).toBe('/%zz/%E9?q=%&page=%E0%A4');
  });
});

describe('redaction of URLs in a text', () => {
  it('leaves the sentence around a URL as it is', () => {
    expect(redactUrls('see (https://h/a?x=1), then "http://i/?y=2".', options)).toBe(
      'see (https://h/a?x=[query]), then "http://i/?y=[query]".',
    );
  });

  it('redacts the query of a relative reference', () => {
    expect(redactUrls('GET /reset?token=abc&page=2 failed', options)).toBe(
      'GET /reset?token=[query]&page=2 failed',
    );
  });

  it('leaves questions and conditions alone', () => {
    const text = 'really? a=b and x ?y=z or a//b';
    expect(redactUrls(text, options)).toBe(text);
  });

  it('keeps brackets that belong to the URL', () => {
    expect(redactUrls('https://en.example/wiki/A_(b)', options)).toBe(
      'https://en.example/wiki/A_(b)',
    );
  });

  it('needs a scheme in front of the slashes', () => {
    expect(redactUrls(':// a ://b?c=d', options)).toBe(':// a ://b?c=[query]');
  });
});
