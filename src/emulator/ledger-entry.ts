import { hash } from 'node:crypto';
import type { ContractEvent } from './contract.ts';
import type { Meta } from './contract-meta.ts';

/** One sealed event of the ledger; frozen. */
export interface LedgerEntry {
  /** Place in the chain, from 1 on, without gaps. */
  readonly sequence: number;
  /** When the ledger took it, ISO 8601 in UTC. */
  readonly receivedAt: string;
  /** The key under which it was sent. */
  readonly idempotencyKey: string;
  /** `meta.request_id`, else the idempotency key. */
  readonly requestId: string;
  /** `meta.event_name`. */
  readonly eventName: string;
  /** `meta.type`. */
  readonly type: string;
  /** `meta.service`. */
  readonly service: string;
  /** `meta.env`, else `meta.environment`, else empty. */
  readonly env: string;
  /** `meta.trace_id`; absent when the event has none. */
  readonly traceId?: string;
  /** The exact payload text as it was sent. */
  readonly payload: string;
  /** Its `meta` as sent. */
  readonly meta: Meta;
  /** SHA-256 of the UTF-8 bytes of `payload`, 64 lower-case hex digits. */
  readonly payloadHash: string;
  /** Transaction id, made from `hash`. */
  readonly txId: string;
  /** `hash` of the entry before; 64 zeros in the first one. */
  readonly previousHash: string;
  /** SHA-256 over the fields above that were sent, the sequence and `previousHash`; 64 hex digits. */
  readonly hash: string;
}

/** What an entry is made from; everything else in it can be computed again from this. */
export interface EntrySource extends ContractEvent {
  readonly sequence: number;
  readonly receivedAt: string;
  readonly previousHash: string;
}

/** The `previousHash` of the first entry. */
export const GENESIS_HASH: string = '0'.repeat(64);

/**
 * The text an entry's `hash` is over: the JSON array
 * `[sequence, previousHash, receivedAt, idempotencyKey, payload, [[key, value], …]]` without white
 * space, the `meta` pairs sorted by key in UTF-16 code units. All other fields follow from these.
 */
export function chainText(source: EntrySource): string {
  const pairs = Object.entries(source.meta).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    source.sequence,
    source.previousHash,
    source.receivedAt,
    source.idempotencyKey,
    source.payload,
    pairs,
  ]);
}

/** Seals an event into an entry. The same source always gives the same entry. */
export function sealEntry(source: EntrySource): LedgerEntry {
  const { meta } = source;
  const sealed = hash('sha256', chainText(source), 'hex');
  const traceId = meta['trace_id'];
  return Object.freeze({
    sequence: source.sequence,
    receivedAt: source.receivedAt,
    idempotencyKey: source.idempotencyKey,
    requestId: meta['request_id'] ?? source.idempotencyKey,
    eventName: meta['event_name'] ?? '',
    type: meta['type'] ?? '',
    service: meta['service'] ?? '',
    env: meta['env'] ?? meta['environment'] ?? '',
    ...(traceId === undefined ? {} : { traceId }),
    payload: source.payload,
    meta: Object.freeze({ ...meta }),
    payloadHash: hash('sha256', source.payload, 'hex'),
    txId: `tx_${sealed.slice(0, 32)}`,
    previousHash: source.previousHash,
    hash: sealed,
  });
}
