import { describe, expect, it } from 'vitest';
import { parseReceipt, plainReceipt } from '../../../src/wire/response.ts';
import type { WireRequest } from '../../../src/wire/request.ts';
import { bodyOf } from '../../support/requests.ts';

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
