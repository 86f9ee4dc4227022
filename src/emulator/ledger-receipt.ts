import type { LedgerEntry } from './ledger-entry.ts';
import { type Answer, jsonAnswer } from './reply-plan.ts';

/** What the ledger confirmed for one accepted request. */
export interface LedgerReceipt {
  readonly idempotencyKey: string;
  readonly txId: string;
  readonly payloadHash: string;
  readonly status: 'accepted';
  /** Whether the ledger had the event already. */
  readonly duplicate: boolean;
  readonly requestId: string;
}

/** Makes the receipt of an entry: the same one every time but for `duplicate`. */
export function issueReceipt(entry: LedgerEntry, occasion: 'first' | 'repeat'): LedgerReceipt {
  return {
    idempotencyKey: entry.idempotencyKey,
    txId: entry.txId,
    payloadHash: entry.payloadHash,
    status: 'accepted',
    duplicate: occasion === 'repeat',
    requestId: entry.requestId,
  };
}

/** The answer that carries a receipt, in the documented shape. */
export function receiptAnswer(receipt: LedgerReceipt): Answer {
  return jsonAnswer(202, {
    ok: true,
    tx_id: receipt.txId,
    payload_hash: receipt.payloadHash,
    status: receipt.status,
    duplicate: receipt.duplicate,
    request_id: receipt.requestId,
  });
}
