import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkContract } from '../../../src/emulator/contract.ts';
import type { ReceivedRequest } from '../../../src/emulator/requests.ts';
import { META, headersWith, sampleBody, sampleRequest } from '../../support/sample-requests.ts';

function answer(request: ReceivedRequest, apiKey?: string): string {
  const verdict = checkContract(request, apiKey);
  return verdict.ok ? 'allowed' : `${verdict.refusal.status} ${verdict.refusal.reason}`;
}

function withHeaders(change: Record<string, string | undefined>): ReceivedRequest {
  return sampleRequest({ headers: headersWith(change) });
}

function withMeta(change: Record<string, unknown>): ReceivedRequest {
  return sampleRequest({ body: sampleBody({ meta: { ...META, ...change } }) });
}

function withPayload(payload: unknown): ReceivedRequest {
  return sampleRequest({ body: sampleBody({ payload }) });
}

describe('the contract allows', () => {
  it.each<readonly [string, ReceivedRequest]>([
    ['the smallest event', sampleRequest()],
    ['a query behind the path', sampleRequest({ path: '/v1/events?source=test' })],
    [
      'a content type with its charset',
      withHeaders({ 'content-type': 'application/json; charset=utf-8' }),
    ],
    ['a key of 255 characters', withHeaders({ 'idempotency-key': 'k'.repeat(255) })],
    ['a Request-Id without meta.request_id', withHeaders({ 'request-id': 'r-1' })],
    ['meta.request_id without a Request-Id', withMeta({ request_id: 'r-1' })],
    ['keys in meta it does not know', withMeta({ 'my.key': 'x', __proto__x: 'y' })],
    ['a status of digits', withMeta({ http_status: '404' })],
    ['a trail of 256 characters', withMeta({ immutable_trail: 't'.repeat(256) })],
    [
      'an error message of 500 characters beyond the BMP',
      withMeta({ error_message: '😀'.repeat(500) }),
    ],
    ['a payload of exactly 12,000 bytes', withPayload(`"${'x'.repeat(11_998)}"`)],
    ['a payload that is no object', withPayload('42')],
    ['an escaped pair of surrogates', withPayload('"\\ud83d\\ude00"')],
    ['an escaped backslash before letters', withPayload('"\\\\ud800"')],
  ])('%s', (_title, request) => {
    expect(answer(request)).toBe('allowed');
  });

  it.each(['success', 'info', 'error', 'warning'])('the type %s', (type) => {
    expect(answer(withMeta({ type }))).toBe('allowed');
  });

  it('the configured key', () => {
    expect(answer(sampleRequest(), 'iml_live_0123456789')).toBe('allowed');
  });
});

describe('the contract refuses the head of a request with', () => {
  it.each<readonly [string, ReceivedRequest, string]>([
    ['another path', sampleRequest({ path: '/v1/event' }), '404 not_found'],
    ['another method', sampleRequest({ method: 'PUT' }), '405 method_not_allowed'],
    ['no credential', withHeaders({ authorization: undefined }), '401 invalid_api_key'],
    ['an empty token', withHeaders({ authorization: 'Bearer ' }), '401 invalid_api_key'],
    ['a space in the token', withHeaders({ authorization: 'Bearer a b' }), '401 invalid_api_key'],
    ['another scheme', withHeaders({ authorization: 'Basic YTpi' }), '401 invalid_api_key'],
    [
      'no content type',
      withHeaders({ 'content-type': undefined }),
      '400 Content-Type must be application/json',
    ],
    [
      'text as content type',
      withHeaders({ 'content-type': 'text/plain' }),
      '400 Content-Type must be application/json',
    ],
    [
      'a compressed body',
      withHeaders({ 'content-encoding': 'gzip' }),
      '400 Content-Encoding is not supported',
    ],
    [
      'no idempotency key',
      withHeaders({ 'idempotency-key': undefined }),
      '400 Idempotency-Key is missing',
    ],
    ...['', 'k'.repeat(256), 'ké', 'k\u0001', ' '].map(
      (key) =>
        [
          `a key of ${key.length} characters such as ${JSON.stringify(key.slice(0, 4))}`,
          withHeaders({ 'idempotency-key': key }),
          '400 Idempotency-Key must be 1 to 255 printable ASCII characters',
        ] as const,
    ),
  ])('%s', (_title, request, expected) => {
    expect(answer(request)).toBe(expected);
  });

  it('a key that is not the configured one', () => {
    expect(answer(sampleRequest(), 'another')).toBe('401 invalid_api_key');
  });

  it('a wrong credential before it says anything about the event', () => {
    expect(answer(sampleRequest({ body: 'no JSON' }), 'another')).toBe('401 invalid_api_key');
  });

  it('another method, and names the one it takes', () => {
    expect(checkContract(sampleRequest({ method: 'GET' }), undefined)).toMatchObject({
      refusal: { headers: { allow: 'POST' } },
    });
  });
});

describe('the contract refuses a body with', () => {
  const envelope = '400 the body must be an object of exactly payload and meta';
  it.each<readonly [string, ReceivedRequest, string]>([
    ['more than 256 KiB', sampleRequest({ body: '', oversized: true }), '413 payload_too_large'],
    [
      'more than 256 KiB, whoever counted',
      sampleRequest({ body: 'x'.repeat(262_145) }),
      '413 payload_too_large',
    ],
    [
      'bytes that are not UTF-8',
      sampleRequest({ body: Uint8Array.of(0x22, 0xff, 0x22) }),
      '400 the body is not valid UTF-8',
    ],
    ['nothing', sampleRequest({ body: '' }), '400 the body is not JSON'],
    [
      'half of its JSON',
      sampleRequest({ body: sampleBody().slice(0, -1) }),
      '400 the body is not JSON',
    ],
    [
      'a byte order mark',
      sampleRequest({ body: `\ufeff${sampleBody()}` }),
      '400 the body is not JSON',
    ],
    ['null', sampleRequest({ body: 'null' }), envelope],
    ['a list', sampleRequest({ body: `[${sampleBody()}]` }), envelope],
    ['a third field', sampleRequest({ body: sampleBody({ timestamp: 'x' }) }), envelope],
    ['no meta', sampleRequest({ body: '{"payload":"{}"}' }), envelope],
    ['both names in one', sampleRequest({ body: '{"meta,payload":1}' }), envelope],
  ])('%s', (_title, request, expected) => {
    expect(answer(request)).toBe(expected);
  });
});

describe('the contract refuses a payload', () => {
  it.each<readonly [string, unknown, string]>([
    ['that is an object', { user_id: 'usr_1' }, 'payload must be a string'],
    ['that is empty', '', 'payload must be one JSON text'],
    ['that is no JSON', 'hello', 'payload must be one JSON text'],
    ['of two JSON texts', '{}{}', 'payload must be one JSON text'],
    ['of 12,001 bytes', `"${'x'.repeat(11_999)}"`, 'payload must have at most 12000 bytes'],
    [
      'of 12,001 bytes in fewer characters',
      `"x${'é'.repeat(5_999)}"`,
      'payload must have at most 12000 bytes',
    ],
    ['with a lone surrogate', '"\ud800"', 'payload has a lone surrogate'],
    ['with an escaped lone surrogate', '"\\ud800"', 'payload has a lone surrogate'],
    [
      'with an escaped pair the wrong way round',
      '"\\uDE00\\uD83D"',
      'payload has a lone surrogate',
    ],
  ])('%s', (_title, payload, reason) => {
    expect(answer(withPayload(payload))).toBe(`400 ${reason}`);
  });
});

describe('the contract refuses meta', () => {
  const strings = 'meta must be an object whose values are all strings';
  it.each<readonly [string, Record<string, unknown>, string]>([
    ['with a number', { http_status: 200 }, strings],
    ['with null', { trace_id: null }, strings],
    ['with an object', { extra: {} }, strings],
    ['without a type', { type: undefined }, 'meta.type is missing'],
    ['without an event name', { event_name: undefined }, 'meta.event_name is missing'],
    ['without a service', { service: undefined }, 'meta.service is missing'],
    ['of type audit', { type: 'audit' }, 'meta.type must be success, info, error or warning'],
    ['of an empty type', { type: '' }, 'meta.type must be success, info, error or warning'],
    ['with an empty event name', { event_name: ' ' }, 'meta.event_name must not be empty'],
    ['with an empty service', { service: '' }, 'meta.service must not be empty'],
    ['with a status in words', { http_status: 'OK' }, 'meta.http_status must be digits'],
    ['with an empty trail', { immutable_trail: '' }, 'meta.immutable_trail must not be empty'],
    [
      'with space around a trail',
      { immutable_trail: ' a' },
      'meta.immutable_trail must have no space around it',
    ],
    [
      'with a colon in a trail',
      { immutable_trail: 'a:b' },
      'meta.immutable_trail must have no colon',
    ],
    [
      'with a trail of 257 characters',
      { immutable_trail: 't'.repeat(257) },
      'meta.immutable_trail must have at most 256 characters',
    ],
    [
      'with an error message of 501 characters',
      { error_message: 'm'.repeat(501) },
      'meta.error_message must have at most 500 characters',
    ],
    ['with a lone surrogate in a value', { note: '\udc00' }, 'meta has a lone surrogate'],
    ['with a lone surrogate in a key', { '\udc00': 'x' }, 'meta has a lone surrogate'],
  ])('%s', (_title, change, reason) => {
    expect(answer(withMeta(change))).toBe(`400 ${reason}`);
  });

  it.each([[['list']], ['text'], [null]])('that is %j', (meta) => {
    expect(answer(sampleRequest({ body: sampleBody({ meta }) }))).toBe(`400 ${strings}`);
  });

  it('with another request id than the header', () => {
    const request = sampleRequest({
      headers: headersWith({ 'request-id': 'r-1' }),
      body: sampleBody({ meta: { ...META, request_id: 'r-2' } }),
    });
    expect(answer(request)).toBe('400 Request-Id must equal meta.request_id');
  });

  it('without repeating a value of it', () => {
    expect(answer(withMeta({ type: 'ana@example.com' }))).not.toContain('ana');
  });
});

describe('a text of an event', () => {
  const codeUnit = fc.integer({ min: 0, max: 0xffff });
  const surrogate = fc.integer({ min: 0xd800, max: 0xdfff });
  const survivesUtf8 = (text: string): boolean => Buffer.from(text, 'utf8').toString() === text;

  it('is allowed when it survives a way through UTF-8', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(codeUnit, surrogate)), (units) => {
        const text = String.fromCharCode(...units);
        const expected = survivesUtf8(text) ? 'allowed' : '400 meta has a lone surrogate';
        expect(answer(withMeta({ note: text }))).toBe(expected);
      }),
    );
  });

  it('is seen through any mixture of escapes', () => {
    const unit = fc.constantFrom(
      'a',
      '\\\\',
      '\\n',
      '\\ud83d',
      '\\uDE00',
      '\\u0041',
      '😀',
      'ud83d',
    );
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const json = `"${units.join('')}"`;
        const isRight = survivesUtf8(String(JSON.parse(json)));
        const expected = isRight ? 'allowed' : '400 payload has a lone surrogate';
        expect(answer(withPayload(json))).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('is read as it was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const payload = JSON.stringify(text);
        expect(checkContract(withPayload(payload), undefined)).toMatchObject({
          event: { payload },
        });
      }),
    );
  });

  it.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0xc0, 0x80]]])(
    'is refused when its bytes are %j',
    (bytes) => {
      const body = Buffer.concat([Buffer.from('{"'), Uint8Array.from(bytes), Buffer.from('":1}')]);
      expect(answer(sampleRequest({ body }))).toBe('400 the body is not valid UTF-8');
    },
  );
});
