import { isMeta } from './contract-meta.ts';
import type { LedgerEntry } from './ledger-entry.ts';

const TEXT_FIELDS = [
  'receivedAt',
  'idempotencyKey',
  'requestId',
  'eventName',
  'type',
  'service',
  'env',
  'payload',
  'payloadHash',
  'txId',
  'previousHash',
  'hash',
] as const satisfies readonly (keyof LedgerEntry)[];

/**
 * Reads one line of a ledger file; `undefined` when it does not have the shape of an entry.
 *
 * The shape only: whether the entry is the one that was sealed is for the chain to say.
 */
export function parseEntry(line: string): LedgerEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isEntry(value)) return undefined;
  Object.freeze(value.meta);
  return Object.freeze(value);
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return (
    typeof fields.get('sequence') === 'number' &&
    TEXT_FIELDS.every((field) => typeof fields.get(field) === 'string') &&
    ['string', 'undefined'].includes(typeof fields.get('traceId')) &&
    isMeta(fields.get('meta'))
  );
}
