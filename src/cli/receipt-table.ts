import type { Receipt } from '../receipt.ts';
import { formatTable } from './table.ts';

/** What the ledger confirmed, one line for each thing; safe for a terminal. */
export function formatReceipt(receipt: Receipt): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['tx_id', receipt.txId],
    ['status', receipt.status],
    ['duplicate', String(receipt.duplicate)],
    ['payload_hash', receipt.payloadHash],
    ['request_id', receipt.requestId],
    ['idempotency_key', receipt.idempotencyKey],
  ];
  return formatTable(rows.map(([name, value]) => [name, value ?? '-']));
}
