import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';

describe('readEnvironment', () => {
  it('reads every variable of the options table', () => {
    const { options, serviceFallback, envFallback, ignored } = readEnvironment({
      IMTBL_API_KEY: ' key ',
      IMTBL_URL: 'http://127.0.0.1:4000',
      IMTBL_SERVICE_NAME: 'shop',
      IMTBL_ENV: 'staging',
      IMTBL_HEADERS: 'x-a=1,x-b=2=3',
      IMTBL_TIMEOUT_MS: '250',
      IMTBL_CONCURRENCY: '4',
      IMTBL_SPANS: 'Entry',
      IMTBL_LOGS: 'warn',
      IMTBL_IGNORE_PATHS: '/live, /ready',
      IMTBL_SPOOL_DIR: '/var/lib/shop/spool',
      IMTBL_SPOOL_MAX_BYTES: '1000000',
    });
    expect(ignored).toEqual([]);
    expect({ serviceFallback, envFallback }).toEqual({
      serviceFallback: 'shop',
      envFallback: 'staging',
    });
    expect(options).toEqual({
      apiKey: 'key',
      url: 'http://127.0.0.1:4000',
      headers: { 'x-a': '1', 'x-b': '2=3' },
      timeoutMs: 250,
      concurrency: 4,
      spans: 'entry',
      logs: 'warn',
      ignorePaths: ['/live', '/ready'],
      spool: { directory: '/var/lib/shop/spool', maxBytes: 1_000_000 },
    });
  });

  it('takes an empty variable as one that is not set', () => {
    const { options, ignored } = readEnvironment({ IMTBL_API_KEY: '', IMTBL_URL: '  ' });
    expect(options.apiKey).toBeUndefined();
    expect(ignored).toEqual([]);
  });

  it.each([
    ['IMTBL_API_KEY', 'two words'],
    ['IMTBL_URL', 'localhost:4800'],
    ['IMTBL_HEADERS', 'no equals sign'],
    ['IMTBL_HEADERS', 'authorization=x'],
    ['IMTBL_TIMEOUT_MS', '0'],
    ['IMTBL_TIMEOUT_MS', '5s'],
    ['IMTBL_CONCURRENCY', '-3'],
    ['IMTBL_SPANS', 'some'],
    ['IMTBL_LOGS', 'loud'],
    ['IMTBL_IGNORE_PATHS', 'health'],
    ['IMTBL_REDACT_KEY', 'k1:c2hvcnQ='],
    ['IMTBL_REDACT_RULES', 'no-such-rules.json'],
    ['IMTBL_REDACT_MODE', 'alow'],
    ['IMTBL_REDACT_DETECT', 'everything'],
  ])('ignores %s when it cannot be used, and says so without its value', (variable, value) => {
    const { ignored } = readEnvironment({ [variable]: value });
    expect(ignored.map((entry) => entry.variable)).toEqual([variable]);
    expect(JSON.stringify(ignored)).not.toContain(value);
  });

  it.each([
    ['IMTBL_APIKEY', 'IMTBL_API_KEY'],
    ['IMTBL_SPOOLDIR', 'IMTBL_SPOOL_DIR'],
    ['IMTBL_SAPNS', 'IMTBL_SPANS'],
    ['IMTBL_TIMEOUT', 'IMTBL_TIMEOUT_MS'],
    ['IMTBL_ENDPOINT', undefined],
  ])('tells that it does not know %s, and what may be meant', (variable, meant) => {
    const { ignored } = readEnvironment({ [variable]: 'x', OTHER: 'y' });
    const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
    const expected = `a variable that this version knows${hint}`;
    expect(ignored).toMatchObject([{ variable, expected }]);
    expect(ignored[0]?.meant).toBe(meant);
  });
});

describe('IMTBL_WORKER', () => {
  it.each([
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('reads %s as %s', (text, expected) => {
    expect(readEnvironment({ IMTBL_WORKER: text }).options.worker).toBe(expected);
  });

  it('is ignored when it is neither', () => {
    const { options, ignored } = readEnvironment({ IMTBL_WORKER: 'yes' });
    expect(options.worker).toBeUndefined();
    expect(ignored).toEqual([{ variable: 'IMTBL_WORKER', expected: 'true or false' }]);
  });
});

describe('IMTBL_HEADERS', () => {
  it.each([
    ['x-a=1,', { 'x-a': '1' }],
    [' , x-a = 1 ,, x-b=2 ', { 'x-a': '1', 'x-b': '2' }],
    ['x-a=b=c==', { 'x-a': 'b=c==' }],
    ['x-a=', { 'x-a': '' }],
    ['x-a=a%2Cb%20c%3D', { 'x-a': 'a,b c=' }],
    ['x-a=1+1', { 'x-a': '1+1' }],
    ['X-Team=Audit', { 'X-Team': 'Audit' }],
    ['user-agent=shop/1', { 'user-agent': 'shop/1' }],
  ])('is read from %j', (text, headers) => {
    const { options, ignored } = readEnvironment({ IMTBL_HEADERS: text });
    expect({ headers: options.headers, ignored }).toEqual({ headers, ignored: [] });
  });

  it('keeps a name that objects treat as another', () => {
    const { headers } = readEnvironment({ IMTBL_HEADERS: '__proto__=1' }).options;
    expect(Object.entries(headers ?? {})).toEqual([['__proto__', '1']]);
  });

  it.each([
    'x-a=1,x-b',
    'x-a=1,=2',
    'x-a=1,x b=2',
    'x-a=1,x-b=%0d%0aauthorization: other',
    'x-a=1,x-b=%zz',
    'x-a=1,x-b=%c3%a9',
    'x-a=1,Authorization=Bearer other',
    'x-a=1,proxy-authorization=Basic x',
    'x-a=1,Idempotency-Key=x',
    'x-a=1,content-encoding=gzip',
    'x-a=1,transfer-encoding=chunked',
    'x-a=1,x-A=2',
    'x-a=1,x-b=a\u0001',
  ])('is ignored as a whole, and told once, for %j', (text) => {
    const { options, ignored } = readEnvironment({ IMTBL_HEADERS: text });
    expect(options.headers).toBeUndefined();
    expect(ignored).toMatchObject([{ variable: 'IMTBL_HEADERS' }]);
  });
});

describe('what no variable is meant to hold', () => {
  it.each([
    '${LEDGER}',
    '$LEDGER',
    '$(cat key)',
    '%LEDGER%',
    '{{ ledger }}',
    '<your key>',
    'undefined',
    'null',
    '[object Promise]',
  ])('is unreadable for each: %s', (text) => {
    const names = ['IMTBL_API_KEY', 'IMTBL_URL', 'IMTBL_REDACT_KEY', 'IMTBL_SERVICE_NAME'];
    const { ignored } = readEnvironment(Object.fromEntries(names.map((name) => [name, text])));
    expect(ignored.map(({ variable }) => variable).sort()).toEqual([...names].sort());
    expect(new Set(ignored.map(({ expected }) => expected))).toEqual(
      new Set(['a value in place of a placeholder']),
    );
  });

  it.each(['iml_live_$1', 'a<b>', 'undefined-service', '$5'])('is not %s', (text) => {
    expect(readEnvironment({ IMTBL_API_KEY: text }).ignored).toEqual([]);
  });
});
