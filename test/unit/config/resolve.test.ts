import { join } from 'node:path';
import { Pool } from 'undici';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../../../src/config/environment.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import type { ClientOptions, MappingOptions } from '../../../src/config/options.ts';
import type { ClientConfig } from '../../../src/config/resolve.ts';
import {
  resolveClientConfig,
  resolveMappingConfig,
  setWorkerAside,
} from '../../../src/config/resolve.ts';
import { isExporterError } from '../../../src/errors.ts';
import { REPOSITORY } from '../../support/run-script.ts';

const KEY = 'iml_live_0123456789abcdef';
const nothing = readEnvironment({});
const newSecret = (): string => 's'.repeat(32);

function resolve(options: ClientOptions, environment: Environment): ClientConfig {
  return resolveClientConfig(options, environment, { newSecret });
}

function errorOf(options: unknown): string {
  try {
    // Callers without types may pass anything.
    resolve(options as ClientOptions, nothing);
  } catch (error) {
    if (isExporterError(error) && error.code === 'config_invalid') return error.message;
    throw error;
  }
  return 'no error';
}

describe('resolveClientConfig', () => {
  it('fills in every default of the options table', () => {
    expect(resolve({ apiKey: KEY }, nothing)).toMatchObject({
      endpoint: { origin: 'https://api.immutablelog.com', path: '/v1/events', loopback: false },
      headers: {},
      timeoutMs: 5_000,
      deadlineMs: 25_000,
      retry: { maxRetries: 5, initialDelayMs: 500, maxDelayMs: 60_000 },
      concurrency: 32,
      maxPendingBytes: 67_108_864,
      quotaProbeMs: 3_600_000,
      shutdownTimeoutMs: 5_000,
    });
  });

  it('takes an option before the environment and the environment before the default', () => {
    const environment = readEnvironment({
      IMTBL_API_KEY: 'from-environment',
      IMTBL_URL: 'https://ledger.example/base/',
      IMTBL_TIMEOUT_MS: '1234',
      IMTBL_CONCURRENCY: '7',
      IMTBL_HEADERS: 'x-tenant=blue, x-region=eu',
    });
    const config = resolve({ concurrency: 9, timeoutMs: undefined }, environment);
    expect(config.apiKey()).toBe('from-environment');
    expect(config).toMatchObject({
      endpoint: { origin: 'https://ledger.example', path: '/base/v1/events' },
      timeoutMs: 1234,
      concurrency: 9,
      headers: { 'x-tenant': 'blue', 'x-region': 'eu' },
    });
  });

  it('keeps a zero where a zero means something', () => {
    const options = { apiKey: KEY, quotaProbeMs: 0, retry: { maxRetries: 0, initialDelayMs: 0 } };
    const config = resolve(options, nothing);
    expect(config.quotaProbeMs).toBe(0);
    expect(config.retry).toEqual({ maxRetries: 0, initialDelayMs: 0, maxDelayMs: 60_000 });
  });

  it('trims the key', () => {
    expect(resolve({ apiKey: `  ${KEY}\n` }, nothing).apiKey()).toBe(KEY);
  });

  it.each([
    ['apiKey', {}],
    ['apiKey', { apiKey: '' }],
    ['apiKey', { apiKey: 'has space' }],
    ['apiKey', { apiKey: 'line\nbreak' }],
    ['apiKey', { apiKey: 42 }],
    ['url', { apiKey: KEY, url: 'nonsense' }],
    ['url', { apiKey: KEY, url: 'http://ledger.example' }],
    ['url', { apiKey: KEY, url: 'http://169.254.169.254/latest' }],
    ['url', { apiKey: KEY, url: 'http://localhost.evil.example' }],
    ['url', { apiKey: KEY, url: 'file:///etc/passwd' }],
    ['url', { apiKey: KEY, url: 'https://user:pass@ledger.example' }],
    ['url', { apiKey: KEY, url: 'https://ledger.example/?token=1' }],
    ['headers', { apiKey: KEY, headers: { 'bad name': 'x' } }],
    ['headers', { apiKey: KEY, headers: { ok: 'line\r\nbreak' } }],
    ['headers', { apiKey: KEY, headers: { Authorization: 'x' } }],
    ['headers', { apiKey: KEY, headers: { 'idempotency-key': 'x' } }],
    ['timeoutMs', { apiKey: KEY, timeoutMs: 0 }],
    ['timeoutMs', { apiKey: KEY, timeoutMs: '5' }],
    ['deadlineMs', { apiKey: KEY, deadlineMs: Number.NaN }],
    ['deadlineMs', { apiKey: KEY, deadlineMs: 2 ** 31 }],
    ['concurrency', { apiKey: KEY, concurrency: 1.5 }],
    ['maxPendingBytes', { apiKey: KEY, maxPendingBytes: -1 }],
    ['retry.maxRetries', { apiKey: KEY, retry: { maxRetries: -1 } }],
    ['maxAttempts', { apiKey: KEY, retry: { maxAttempts: 3 } }],
    ['quotaProbeMs', { apiKey: KEY, quotaProbeMs: -1 }],
    ['shutdownTimeoutMs', { apiKey: KEY, shutdownTimeoutMs: 0 }],
    ['onDrop', { apiKey: KEY, onDrop: 'log' }],
    ['redact', { apiKey: KEY, redact: false }],
    ['redact.strict', { apiKey: KEY, redact: { strict: true } }],
    ['apikey', { apikey: KEY }],
  ])('refuses a wrong %s and names it', (option, options) => {
    const message = errorOf(options);
    expect(message).toContain(option);
    expect(message).not.toContain(KEY);
  });

  it.each(['http://localhost:8080', 'http://127.0.0.1:1', 'http://127.9.9.9', 'http://[::1]:80'])(
    'takes http on loopback: %s',
    (url) => {
      const config = resolve({ apiKey: KEY, url }, nothing);
      expect(config.endpoint.loopback).toBe(true);
    },
  );

  it('takes http elsewhere only when told to', () => {
    const options = { apiKey: KEY, url: 'http://ledger.internal:8080', allowInsecure: true };
    expect(resolve(options, nothing).endpoint.origin).toBe('http://ledger.internal:8080');
  });

  it('never repeats a secret of a URL, a header or a key in its message', () => {
    const secret = 'hunter2hunter2';
    const messages = [
      errorOf({ apiKey: `${secret} ${secret}` }),
      errorOf({ apiKey: KEY, url: `https://user:${secret}@ledger.example` }),
      errorOf({ apiKey: KEY, url: `http://${secret}` }),
      errorOf({ apiKey: KEY, headers: { 'x-token': `${secret}\n` } }),
      errorOf({ apiKey: KEY, redact: { key: { id: 'k1', secret } } }),
    ];
    expect(messages).not.toContain('no error');
    for (const message of messages) expect(message).not.toContain(secret);
  });

  it('takes the redaction key of the environment unless the options bring one', () => {
    const base64 = Buffer.alloc(32, 7).toString('base64');
    const environment = readEnvironment({ IMTBL_REDACT_KEY: `env:${base64}` });
    const fromEnvironment = resolve({ apiKey: KEY }, environment);
    expect(fromEnvironment.redaction.keys.map(({ id }) => id)).toEqual(['env']);
    const key = { id: 'own', secret: Buffer.alloc(32, 8) };
    const own = resolve({ apiKey: KEY, redact: { key } }, environment);
    expect(own.redaction.keys.map(({ id }) => id)).toEqual(['own']);
  });

  it('takes the first of several redaction keys of the environment as the active one', () => {
    const base64 = Buffer.alloc(32, 7).toString('base64');
    const environment = readEnvironment({ IMTBL_REDACT_KEY: `new:${base64},old:${base64}` });
    const { keys } = resolve({ apiKey: KEY }, environment).redaction;
    expect(keys.map(({ id }) => id)).toEqual(['new', 'old']);
  });

  it('sends nothing, and stores no plain digest, when the redaction key cannot be read', () => {
    const environment = readEnvironment({ IMTBL_REDACT_KEY: 'k1:dG9vIHNob3J0' });
    for (const redact of [{}, { strict: true }]) {
      const { redaction, withheld } = resolve({ apiKey: KEY, redact }, environment);
      expect(redaction.keys.map(({ id }) => id)).toEqual(['unusable']);
      expect(withheld?.variable).toBe('IMTBL_REDACT_KEY');
    }
    const key = { id: 'own', secret: Buffer.alloc(32, 8) };
    expect(resolve({ apiKey: KEY, redact: { key } }, environment).withheld).toBeUndefined();
  });
});

describe('redaction by variables', () => {
  const RULES = join(REPOSITORY, 'examples/redaction/rules.json');
  const set = {
    IMTBL_REDACT_RULES: RULES,
    IMTBL_REDACT_MODE: 'Allow',
    IMTBL_REDACT_DETECT: 'off',
  };

  it('is taken from a file of rules and from words, where the options say nothing', () => {
    const { redaction, withheld } = resolve({ apiKey: KEY }, readEnvironment(set));
    expect(withheld).toBeUndefined();
    expect(redaction).toMatchObject({ mode: 'allow', detect: 'off' });
    expect(redaction.rules).toContainEqual({ match: /(^|\.)license_plate$/i, action: 'mask' });
  });

  it('comes after what the options say, each for itself', () => {
    const rules = [{ match: 'a', action: 'drop' }] as const;
    const own = resolve({ apiKey: KEY, redact: { rules, mode: 'deny' } }, readEnvironment(set));
    expect(own.redaction).toMatchObject({ rules, mode: 'deny', detect: 'off' });
  });

  it.each([
    [{ IMTBL_REDACT_RULES: 'no-such-file' }, { rules: [], mode: 'allow', detect: 'all' }],
    [{ IMTBL_REDACT_MODE: 'alow' }, { mode: 'allow', detect: 'off' }],
    [{ IMTBL_REDACT_DETECT: 'everything' }, { mode: 'allow', detect: 'all' }],
    [{ IMTBL_REDACT_DETEKT: 'x', IMTBL_REDACT_DETECT: '' }, { detect: 'all' }],
  ])('that cannot be read sends nothing and stores by the strictest: %j', (wrong, expected) => {
    const { redaction, withheld } = resolve({ apiKey: KEY }, readEnvironment({ ...set, ...wrong }));
    expect(withheld?.variable).toBe(Object.keys(wrong)[0]);
    expect(redaction).toMatchObject(expected);
  });

  it('that cannot be read is stricter than what the options say beside it', () => {
    const environment = readEnvironment({ IMTBL_REDACT_RULES: 'no-such-file' });
    const redact = { mode: 'deny', detect: 'off' } as const;
    const { redaction } = resolve({ apiKey: KEY, redact }, environment);
    expect(redaction).toMatchObject({ rules: [], mode: 'allow', detect: 'all' });
  });

  it('that cannot be read is of no account where an option stands in its place', () => {
    const environment = readEnvironment({
      IMTBL_REDACT_RULES: 'no-such-file',
      IMTBL_REDACT_MODE: 'alow',
      IMTBL_REDACT_DETECT: 'everything',
    });
    const redact = { rules: [], mode: 'deny', detect: 'text' } as const;
    const { redaction, withheld } = resolve({ apiKey: KEY, redact }, environment);
    expect(withheld).toBeUndefined();
    expect(redaction).toMatchObject(redact);
  });

  it('leaves options of another shape to be refused', () => {
    const given = { apiKey: KEY, redact: [] as never };
    expect(() => resolve(given, readEnvironment(set))).toThrow('redact must be an object');
  });
});

describe('the option worker', () => {
  const wanted = readEnvironment({ IMTBL_WORKER: 'true' });
  const unwanted = readEnvironment({ IMTBL_WORKER: 'false' });
  const dispatcher = new Pool('http://127.0.0.1:9');

  it('is off by default, and goes before its variable', () => {
    expect(resolve({ apiKey: KEY }, nothing).worker).toBe(false);
    expect(resolve({ apiKey: KEY }, wanted).worker).toBe(true);
    expect(resolve({ apiKey: KEY, worker: false }, wanted).worker).toBe(false);
    expect(resolve({ apiKey: KEY, worker: true }, unwanted).worker).toBe(true);
  });

  it('does not go with a dispatcher, and says so by both names', () => {
    expect(errorOf({ apiKey: KEY, worker: true, dispatcher })).toBe(
      'worker: true and dispatcher do not go together',
    );
  });

  it('must be true or false', () => {
    expect(errorOf({ apiKey: KEY, worker: 'yes' })).toBe('worker must be true or false');
  });

  it('gives way to a dispatcher where the environment asks for it, with a warning', () => {
    const { options, ignored } = setWorkerAside(wanted, { dispatcher });
    expect(options.worker).toBe(false);
    expect(ignored).toEqual([
      { variable: 'IMTBL_WORKER', expected: 'no option dispatcher beside it' },
    ]);
  });

  it('is left alone otherwise', () => {
    expect(setWorkerAside(wanted, {})).toBe(wanted);
    expect(setWorkerAside(wanted, { dispatcher, worker: false })).toBe(wanted);
    expect(setWorkerAside(nothing, { dispatcher })).toBe(nothing);
  });
});

describe('the option spool', () => {
  const environment = readEnvironment({
    IMTBL_SPOOL_DIR: '/var/spool',
    IMTBL_SPOOL_MAX_BYTES: '7',
  });

  it('is off where nobody names a directory', () => {
    expect(resolve({ apiKey: KEY }, nothing).spool).toBeUndefined();
  });

  it('is filled in from the environment and from its default', () => {
    const spool = (given: ClientOptions, from: Environment) => resolve(given, from).spool;
    expect(spool({ apiKey: KEY }, environment)).toEqual({ directory: '/var/spool', maxBytes: 7 });
    expect(spool({ apiKey: KEY, spool: { maxBytes: 9 } }, environment)).toEqual({
      directory: '/var/spool',
      maxBytes: 9,
    });
    expect(spool({ apiKey: KEY, spool: { directory: '/a' } }, nothing)).toEqual({
      directory: '/a',
      maxBytes: 1_073_741_824,
    });
  });

  it.each([
    ['spool must be an object with a directory', '/var/spool'],
    ['spool.directory must be a path; there is no default', {}],
    ['spool.maxBytes must be a whole number', { directory: '/a', maxBytes: 0 }],
    ['unknown option spool.maxSize', { directory: '/a', maxSize: 1 }],
  ])('says: %s', (message, spool) => {
    expect(errorOf({ apiKey: KEY, spool })).toContain(message);
  });
});

describe('resolveMappingConfig', () => {
  const mapping = (given: unknown, from = nothing) =>
    // Callers without types may pass anything.
    resolveMappingConfig(given as MappingOptions, from);

  it('fills in every default of the options table', () => {
    expect(mapping({})).toMatchObject({
      spans: 'all',
      logs: 'all',
      ignorePaths: ['/health', '/healthz', '/metrics'],
      warningType: 'info',
      clientIp: 'off',
    });
  });

  it('takes an option, then the environment; a function may choose', () => {
    const environment = readEnvironment({ IMTBL_SPANS: 'entry', IMTBL_LOGS: 'warn' });
    const logs = (): boolean => true;
    expect(mapping({ logs }, environment)).toMatchObject({ spans: 'entry', logs });
  });

  it.each([
    ['service must be a string that is not empty', { service: ' ' }],
    ['spans must be one of all, entry, none', { spans: 'some' }],
    ['logs must be one of all, none, trace', { logs: 'loud' }],
    ['ignorePaths must be an array of paths that start with /', { ignorePaths: ['health'] }],
    ['warningType must be one of info, warning', { warningType: 'error' }],
    ['clientIp must be one of off, raw', { clientIp: 'yes' }],
  ])('says: %s', (message, given) => {
    expect(() => mapping(given)).toThrow(message);
  });
});

describe('a mistake in the options', () => {
  it.each<readonly [message: string, options: object]>([
    ['unknown option apikey (did you mean apiKey?)', { apikey: KEY }],
    ['unknown option sapns (did you mean spans?)', { sapns: 'all' }],
    ['unknown option maxRetries (did you mean retry.maxRetries?)', { maxRetries: 1 }],
    ['unknown option maxRetrys (did you mean retry.maxRetries?)', { maxRetrys: 1 }],
    ['unknown option initialDelay (did you mean retry.initialDelayMs?)', { initialDelay: 1 }],
    ['unknown option direktory (did you mean spool.directory?)', { direktory: '/a' }],
    [
      'unknown option retry.maxRetrys (did you mean retry.maxRetries?)',
      { retry: { maxRetrys: 1 } },
    ],
    ['unknown option directory (did you mean spool.directory?)', { directory: '/a' }],
    ['unknown option spans', { spans: 'all' }],
    ['unknown option banana', { banana: 1 }],
    ['unknown option a?b', { 'a\nb': 1 }],
    ['unknown option retry.maxRetry (did you mean retry.maxRetries?)', { retry: { maxRetry: 1 } }],
    [
      'unknown option spool.dir (did you mean spool.directory?)',
      { spool: { dir: '/a', directory: '/a' } },
    ],
    [
      'unknown option spool.direktory (did you mean spool.directory?)',
      { spool: { direktory: '' } },
    ],
    ['unknown option redact.rule (did you mean redact.rules?)', { redact: { rule: [] } }],
    ['retry must be an object', { retry: 5 }],
    ['retry must be an object', { retry: [] }],
    ['retry.maxRetries must be a whole number from 0 to 10000', { retry: { maxRetries: '5' } }],
    ['retry.maxRetries must not be null', { retry: { maxRetries: null } }],
    ['spool must be an object with a directory', { spool: '/var/spool' }],
    ['spool.maxBytes must be a whole number', { spool: { directory: '/a', maxBytes: '1' } }],
    ['redact must be an object', { redact: 'strict' }],
    ['redact.strict must be a boolean', { redact: { strict: 'yes' } }],
    ['url must not be null', { url: null }],
    ['url must be an absolute URL', { url: 5 }],
    ['allowInsecure must be true or false', { allowInsecure: 'true' }],
    ['headers must be an object of strings', { headers: ['x-a=1'] }],
    ['headers must not name a header twice', { headers: { 'x-a': '1', 'X-A': '2' } }],
    ['headers must not set te', { headers: { TE: 'trailers' } }],
    ['dispatcher must have the method dispatch()', { dispatcher: {} }],
    ['meterProvider must have the method getMeter()', { meterProvider: 'global' }],
  ])('is told as: %s', (message, options) => {
    expect(errorOf({ apiKey: KEY, ...options })).toContain(message);
  });

  it.each(['key', ['key'], 5, null])('is to give %j in place of them', (given) => {
    expect(errorOf(given)).toBe('the options must be an object');
  });
});
