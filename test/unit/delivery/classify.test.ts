import { describe, expect, it } from 'vitest';
import { classifyAnswer, classifyError } from '../../../src/delivery/answer.ts';
import type { Receipt } from '../../../src/outcome.ts';

const body = { receipt: (): Receipt => receipt, reason: () => undefined };
const receipt: Receipt = {
  txId: 'tx_1',
  payloadHash: undefined,
  duplicate: false,
  requestId: 'r',
  status: undefined,
  idempotencyKey: 'k',
};

function kindOf(status: number): string {
  const outcome = classifyAnswer({ status, retryAfterMs: undefined }, body);
  return outcome.kind === 'retryable' && outcome.once ? 'retryable once' : outcome.kind;
}

describe('classifyAnswer', () => {
  it.each([
    ['accepted', [200, 201, 202, 204, 299]],
    ['retryable', [408, 425, 500, 502, 503, 504, 599]],
    ['retryable once', [409]],
    ['quota', [429]],
    ['misconfigured', [301, 302, 303, 307, 308, 401, 403, 404, 405]],
    ['rejected', [400, 402, 406, 413, 415, 422, 431, 451, 501]],
  ])('takes as %s the statuses %j', (kind, statuses) => {
    expect(statuses.map(kindOf)).toEqual(statuses.map(() => kind));
  });

  it('keeps nothing of the answer but its status', () => {
    expect(classifyAnswer({ status: 400, retryAfterMs: undefined }, body)).toEqual({
      kind: 'rejected',
      failure: { detail: 'HTTP 400', status: 400 },
    });
  });

  it('hands on the wait that the server asks for', () => {
    const busy = { status: 503, retryAfterMs: 2_000 };
    expect(classifyAnswer(busy, body)).toMatchObject({ kind: 'retryable', retryAfterMs: 2_000 });
    expect(classifyAnswer({ ...busy, status: 429 }, body)).toMatchObject({ retryAfterMs: 2_000 });
  });
});

describe('classifyError', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'EPIPE'])(
    'takes %s as passing',
    (code) => {
      const error = Object.assign(new Error('secret text'), { code });
      expect(classifyError(error)).toMatchObject({ kind: 'retryable', failure: { detail: code } });
    },
  );

  it.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ])('takes %s as a wrong configuration', (code) => {
    expect(classifyError(Object.assign(new Error('x'), { code }))).toMatchObject({
      kind: 'misconfigured',
      failure: { detail: code },
    });
  });

  it.each([
    ['an error without a code', new Error('Bearer sk_live_SECRET')],
    ['a code that is a sentence', Object.assign(new Error('x'), { code: 'Bearer sk_live_SECRET' })],
    ['a string', 'Bearer sk_live_SECRET'],
    ['nothing', undefined],
  ])('keeps no text of %s', (_what, error) => {
    expect(classifyError(error)).toEqual({
      kind: 'retryable',
      failure: { detail: 'network error', status: undefined },
      retryAfterMs: undefined,
      once: false,
    });
  });
});
