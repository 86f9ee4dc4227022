import type { LedgerEntry } from './ledger-entry.ts';
import { type Answer, jsonAnswer } from './reply-plan.ts';

/** What the ledger confirmed for one accepted request. */
export interface LedgerReceipt {
  /** The key under which the event was sent. */
  readonly idempotencyKey: string;
  /** Transaction id of the entry. */
  readonly txId: string;
  /** SHA-256 of the payload, 64 hex digits. */
  readonly payloadHash: string;
  /** The only word for success. */
  readonly status: 'accepted';
  /** Whether the ledger had the event already. */
  readonly duplicate: boolean;
  /** `meta.request_id` of the entry, else its key. */
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
