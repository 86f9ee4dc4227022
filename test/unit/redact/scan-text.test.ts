import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRedactionCounters } from '../../../src/redact/accounting.ts';
import {
  MAX_SCANNED,
  createScanText,
  cutMarker,
  framesOnly,
  safeCut,
  splitStack,
} from '../../../src/redact/text.ts';
import { createRedactor } from '../../../src/redact/redactor.ts';
import type { RedactOptions } from '../../../src/redact/options.ts';
import { resolveRedactOptions } from '../../../src/redact/resolve.ts';

const short = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 32);
const email = `[email sha256:${short('a@b.co')}]`;
const key = { id: 'k1', secret: 's'.repeat(32) };
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ';

const textOf = (text: string, options?: RedactOptions): string =>
  createRedactor(options).redactText(text);
const redact = (value: unknown, options?: RedactOptions): unknown =>
  JSON.parse(JSON.stringify(createRedactor(options).redact(value)));

describe('free text', () => {
  it('keeps a digest of an e-mail address and masks what is easily guessed', () => {
    expect(textOf('A@b.co from 203.0.113.7, CPF 123.456.789-09')).toBe(
      `${email} from [ip], CPF [cpf]`,
    );
  });

  it('has digests of all of them with a key, but never of a credential', () => {
    const text = textOf(`cpf 123.456.789-09 bearer ${jwt}`, { key });
    expect(text).toMatch(/^cpf \[cpf hmac-sha256:k1:[0-9a-f]{32}\] /);
    expect(text).not.toContain(jwt);
    expect(text.match(/sha256/g)).toHaveLength(1);
  });

  it('has the digest of what was percent-encoded, not of its spelling', () => {
    expect(textOf('to a%2540b.co')).toBe(`to ${email}`);
  });

  it('loses the credentials and query values of URLs, once each', () => {
    const redactor = createRedactor();
    const text = redactor.redactText('GET https://u:p@h.co/x?page=2&token=abcdef failed');
    expect(text).toBe('GET https://[secret]@h.co/x?page=[query]&token=[query] failed');
    expect(redactor.stats().mask).toEqual({ secret: 1 });
  });
});

describe('text that was redacted before', () => {
  it.each([
    'password=[secret] token: [secret] "api_key":"[query]" a=[masked]',
    `from [ip], CPF [cpf], card [card], ${email}`,
    'GET https://h.co/x?page=[query]&token=[query] failed',
    'Authorization: Bearer [bearer] and [jwt]',
  ])('stays as it is, and nothing is counted again: %s', (text) => {
    const redactor = createRedactor();
    expect(redactor.redactText(text)).toBe(text);
    expect([redactor.stats().hash, redactor.stats().mask]).toEqual([{}, {}]);
  });
});

describe('the kind of text a value is', () => {
  const cpf = '123.456.789-09';

  it('decides how it is searched', () => {
    expect(redact({ message: cpf, colour: cpf, mail: 'x a@b.co' })).toEqual({
      message: '[cpf]',
      colour: cpf,
      mail: `x ${email}`,
    });
    expect(redact({ colour: cpf }, { detect: 'all' })).toEqual({ colour: '[cpf]' });
  });

  it('of a URL or query lets through only the values that are allowed', () => {
    const value = {
      'url.full': 'https://h.co/a%40b.co?page=2&q=x#t=1',
      'url.query': 'page=2&q=x',
      'http.target': '/p?Page=3&Signature=abc',
    };
    expect(redact(value, { urlQueryAllow: ['page', 'Signature'] })).toEqual({
      'url.full': `https://h.co/[email%20sha256:${short('a@b.co')}]?page=2&q=[query]#t=[query]`,
      'url.query': 'page=2&q=[query]',
      'http.target': '/p?Page=3&Signature=[secret]',
    });
  });

  it('of a statement loses its literals', () => {
    expect(redact({ 'db.query.text': "SELECT * FROM t WHERE a = 'x' AND b = 3" })).toEqual({
      'db.query.text': 'SELECT * FROM t WHERE a = ? AND b = ?',
    });
  });

  it('is not looked at when detection is off', () => {
    const value = { 'url.full': 'https://u:p@h.co', message: 'a@b.co', 'a@b.co': 1 };
    expect(redact(value, { detect: 'off' })).toEqual(value);
  });
});

describe('a stack trace', () => {
  const stack = [
    'TypeError: no such customer: a@b.co, 123.456.789-09',
    '  at the second line of the message',
    '    at load (/srv/app/customer.js:10:5)',
    '    at async /srv/app/index.js:3:1',
    '  [cause]: Error: 203.0.113.7 refused',
    '    at <anonymous>',
    '    at new Socket (node:net:120:9)',
  ].join('\n');

  it('is cut into messages and frames without loss', () => {
    const parts = splitStack(stack);
    expect(parts.map(({ text }) => text).join('')).toBe(stack);
    expect(parts.map(({ kind }) => kind)).toEqual(['message', 'frames', 'message', 'frames']);
  });

  it('keeps its frames and loses what its messages say about people', () => {
    const { err } = redact({ err: { stack } }) as { err: { stack: string } };
    expect(err.stack).toContain(`no such customer: ${email}, [cpf]`);
    expect(err.stack).toContain('[cause]: Error: [ip] refused');
    expect(err.stack).toContain('    at load (/srv/app/customer.js:10:5)\n');
  });

  it.each(['text', 'off'] as const)('keeps type and frames only, with detection %s', (detect) => {
    expect(redact({ stack }, { stack: 'frames', detect })).toEqual({
      stack: [
        'TypeError',
        '    at load (/srv/app/customer.js:10:5)',
        '    at async /srv/app/index.js:3:1',
        '    at new Socket (node:net:120:9)',
      ].join('\n'),
    });
  });

  it('of something without frames is only its type', () => {
    expect(framesOnly(splitStack('Error: secret words'))).toBe('Error');
    expect(framesOnly(splitStack('secret words'))).toBe('Error');
    expect(framesOnly(splitStack(''))).toBe('');
    expect(framesOnly(splitStack('    at f (a.js:1:1)'))).toBe('    at f (a.js:1:1)');
  });

  it('does not travel at all when asked not to', () => {
    expect(redact({ 'exception.stacktrace': stack, a: 1 }, { stack: 'none' })).toEqual({ a: 1 });
  });
});

describe('a very long text', () => {
  it('is searched up to the cap and marked where it ends', () => {
    const redactor = createRedactor();
    const text = `${'word '.repeat(13_200)}a@b.co`;
    const result = redactor.redactText(text);
    const kept = safeCut(text, MAX_SCANNED);
    expect(result).toBe(text.slice(0, kept) + cutMarker(text.length - kept));
    expect(result.length).toBeLessThanOrEqual(MAX_SCANNED + 40);
    expect(redactor.stats().cut).toBe(1);
  });

  it('is cut before an address that lies across the cap', () => {
    const text = `${'x'.repeat(MAX_SCANNED - 10)} marialongname@example.com`;
    expect(textOf(text)).not.toContain('maria');
  });

  it('without white space is cut well before the cap, so that no token is halved', () => {
    const text = `${'x'.repeat(MAX_SCANNED - 200)}:${jwt}${'A'.repeat(400)}`;
    expect(textOf(text)).not.toContain('eyJ');
  });
});

describe('the scan', () => {
  it('turns a value into a marker and counts it when something fails', () => {
    const counters = createRedactionCounters();
    const broken = (): string => {
      throw new Error('a@b.co');
    };
    const scanText = createScanText(resolveRedactOptions({}), broken, counters);
    expect(scanText('a@b.co', 'text')).toBe('[REDACTION_ERROR]');
    expect(scanText('fine', 'text')).toBe('fine');
    expect(counters.snapshot().errors).toBe(1);
  });
});
