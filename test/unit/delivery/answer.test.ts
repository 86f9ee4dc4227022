import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classifyAnswer,
  classifyError,
  isRefusal,
  isWebPage,
  parseReceipt,
  parseRetryAfter,
  plainReceipt,
  retryWaitMs,
} from '../../../src/delivery/answer.ts';
import type { Receipt } from '../../../src/outcome.ts';
import type { WireRequest } from '../../../src/wire/request.ts';
import { bodyOf } from '../../support/requests.ts';

const body = {
  isPage: () => false,
  isRefusal: () => false,
  receipt: (): Receipt => receipt,
  reason: () => undefined,
};
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
    ['misconfigured', [301, 302, 303, 307, 308, 401, 403, 404, 405, 407]],
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

describe('isWebPage', () => {
  it.each([
    ['text/html; charset=utf-8', ''],
    ['application/xhtml+xml', ''],
    ['image/png', 'PNG'],
    [undefined, '<!doctype html>'],
    ['application/json', ' \r\n<html>'],
    [undefined, '\ufeff<?xml version="1.0"?>'],
    ['text/plain', '<!-- portal --><p>sign in</p>'],
  ])('knows %j with %j', (type, text) => {
    expect(isWebPage(type, Buffer.from(text))).toBe(true);
  });

  it('knows a page in UTF-16', () => {
    expect(isWebPage(undefined, Buffer.from('\ufeff<html>', 'utf16le'))).toBe(true);
  });

  it.each([
    [undefined, ''],
    ['application/json', '{}'],
    [undefined, '{"ok":true}'],
    ['text/html', '\ufeff {"ok":true}'],
    ['text/plain', 'ok'],
  ])('takes %j with %j for the ledger', (type, text) => {
    expect(isWebPage(type, Buffer.from(text))).toBe(false);
    expect(isWebPage('application/json', undefined)).toBe(false);
  });
});

describe('isRefusal', () => {
  it.each(['{"ok":false}', ' { "reason": "x", "ok" : false }', '{"ok":false,"reason":"cut o'])(
    'sees the refusal in %j',
    (text) => {
      expect(isRefusal(text)).toBe(true);
    },
  );

  it.each(['', '{}', '{"ok":true}', '{"ok":true,"echo":{"ok":false}}', '[{"ok":false}]'])(
    'sees none in %j',
    (text) => {
      expect(isRefusal(text)).toBe(false);
    },
  );
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

  it('knows what the fetch of Bun makes of an unasked change of protocols', () => {
    const error = Object.assign(new Error('of some URL'), { code: 'UnrequestedUpgrade' });
    const failure = { detail: 'HTTP 101 unasked', status: 101 };
    expect(classifyError(error)).toEqual({ kind: 'misconfigured', failure });
  });

  it.each([
    ['407 Proxy Authentication Required', 'misconfigured'],
    ['403 No', 'misconfigured'],
    ['502 Bad Gateway', 'retryable'],
    ['429 Slow', 'retryable'],
  ])('knows the refusal of a proxy in the words of that fetch: %s', (answer, kind) => {
    const message = `Proxy refused to open a tunnel: ${answer}`;
    const error = Object.assign(new Error(message), { code: 'ERR_PROXY_TUNNEL' });
    const detail = `proxy HTTP ${answer.slice(0, 3)}`;
    expect(classifyError(error)).toMatchObject({ kind, failure: { detail } });
  });
});

const NOW = Date.parse('2026-11-23T15:00:00Z');

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['2', 2_000],
    [' 120 ', 120_000],
    ['99999999999', 99_999_999_999_000],
    ['Mon, 23 Nov 2026 15:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 15:00:00 GMT', 0],
  ])('reads %j as %d ms', (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });

  it.each([undefined, '', '-1', '1.5', '10abc', 'soon', '2026-11-23', 'NaN', '0x10', 'Mon, soon'])(
    'does not understand %j',
    (header) => {
      expect(parseRetryAfter(header, NOW)).toBeUndefined();
    },
  );

  it('gives a time that is not negative, or none, whatever the header', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.integer().map(String), fc.date().map(String)),
        (text) => {
          const ms = parseRetryAfter(text, NOW);
          expect(ms === undefined || ms >= 0).toBe(true);
        },
      ),
    );
  });
});

describe('retryWaitMs', () => {
  const policy = { maxRetries: 5, initialDelayMs: 500, maxDelayMs: 60_000 };

  it('is the backoff of the attempts so far, up to the longest', () => {
    const waits = [1, 2, 3, 8, 20].map((failures) => retryWaitMs(policy, failures, 0.5, undefined));
    expect(waits).toEqual([250, 500, 1_000, 30_000, 30_000]);
  });

  it('is at least what the ledger asked for, within 15 minutes', () => {
    const asked = [-5, 0, 1_000, 900_000, 900_001, Infinity];
    expect(asked.map((ms) => retryWaitMs(policy, 1, 0, ms))).toEqual([
      0, 0, 1_000, 900_000, 900_000, 900_000,
    ]);
  });
});

const sent: WireRequest = { idempotencyKey: 'key-1', requestId: 'req-1', ...bodyOf('{}') };
const bare = {
  txId: undefined,
  payloadHash: undefined,
  duplicate: false,
  requestId: 'req-1',
  status: undefined,
  idempotencyKey: 'key-1',
};

describe('parseReceipt', () => {
  it('reads a full answer', () => {
    const answer =
      '{"ok":true,"tx_id":"tx_1","payload_hash":"abc","status":"accepted","duplicate":true,"request_id":"req-9"}';
    expect(parseReceipt(answer, sent)).toEqual({
      txId: 'tx_1',
      payloadHash: 'abc',
      duplicate: true,
      requestId: 'req-9',
      status: 'accepted',
      idempotencyKey: 'key-1',
    });
  });

  it.each([
    '',
    'not json',
    '{"tx_id":',
    'null',
    '5',
    '[]',
    '{}',
    '{"tx_id":5,"payload_hash":{},"duplicate":"true","request_id":null,"status":[]}',
    '{"tx_id":"","request_id":""}',
    '{"__proto__":{"tx_id":"forged","duplicate":true}}',
  ])('falls back to what was sent for %j', (answer) => {
    expect(parseReceipt(answer, sent)).toEqual(bare);
  });
});

describe('plainReceipt', () => {
  it('reads of the answer only whether the ledger had the event already', () => {
    const text = '{"tx_id":"tx_1","request_id":"other","status":"accepted","duplicate":false}';
    expect(plainReceipt(text, sent)).toEqual(bare);
    expect(plainReceipt('<html>', sent)).toEqual(bare);
    expect(plainReceipt('', sent)).toEqual(bare);
  });

  it.each(['{"duplicate":true}', '{ "tx_id": "tx_1",\n"duplicate" : true }'])(
    'sees a duplicate in %j',
    (text) => {
      expect(plainReceipt(text, sent).duplicate).toBe(true);
    },
  );

  it('is not deceived by words that look like it inside of another value', () => {
    const text = JSON.stringify({ reason: '"duplicate":true', duplicate: false });
    expect(plainReceipt(text, sent).duplicate).toBe(false);
    const nested = '{"request":{"duplicate":true},"duplicate":false}';
    expect(plainReceipt(nested, sent).duplicate).toBe(false);
  });
});
