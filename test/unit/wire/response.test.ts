import { describe, expect, it } from 'vitest';
import { parseReceipt } from '../../../src/wire/response.ts';
import type { WireRequest } from '../../../src/wire/wire-request.ts';
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
