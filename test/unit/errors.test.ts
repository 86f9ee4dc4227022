import { describe, expect, it } from 'vitest';
import {
  ExporterError,
  codeOf,
  dropError,
  nearestName,
  undeliveredError,
} from '../../src/errors.ts';
import type { Failure } from '../../src/outcome.ts';

const failure: Failure = { detail: 'HTTP 429', status: 429 };

describe('the error for an event that is not in the ledger', () => {
  it('has the reason as its code, and the status of the answer', () => {
    const error = dropError('quota_exhausted', failure);
    expect(error).toBeInstanceOf(ExporterError);
    expect(error).toMatchObject({
      code: 'quota_exhausted',
      status: 429,
      message: 'the quota of the ledger is used up (HTTP 429)',
    });
  });

  it.each([
    [{ kind: 'dropped', reason: 'deadline', failure } as const, 'deadline', /within its deadline/],
    [{ kind: 'quarantined', failure } as const, 'rejected', /kept in the quarantine/],
    [
      { kind: 'parked', reason: 'unauthorized', failure } as const,
      'unauthorized',
      /kept in the spool/,
    ],
  ])('says of %o where the event is', (outcome, code, words) => {
    const error = undeliveredError(outcome);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
  });
});

describe('codeOf', () => {
  it.each([
    ['ECONNRESET', 'ECONNRESET'],
    ['EIO', 'EIO'],
    ['Bearer sk_live_SECRET', undefined],
    ['/home/ana/file', undefined],
    [42, undefined],
  ])('takes %j for %j', (code, safe) => {
    expect(codeOf(Object.assign(new Error('x'), { code }))).toBe(safe);
  });

  it.each([undefined, null, 'ECONNRESET', {}])('knows no code of %j', (error) => {
    expect(codeOf(error)).toBeUndefined();
  });
});

describe('the name that was meant', () => {
  const known = ['retry', 'apiKey', 'url', 'spans', 'spool', 'concurrency', 'maxPendingBytes'];

  it.each([
    ['apikey', 'apiKey'],
    ['api_key', 'apiKey'],
    ['ulr', 'url'],
    ['retries', undefined],
    ['sapns', 'spans'],
    ['concurency', 'concurrency'],
    ['maxPendingByte', 'maxPendingBytes'],
    ['timeout', undefined],
    ['maxPending', 'maxPendingBytes'],
    ['sp', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ])('by %j is %j', (written, meant) => {
    expect(nearestName(written, known)).toBe(meant);
  });
});
