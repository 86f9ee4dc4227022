import type { JsonValue } from './json.ts';

/** Where an event comes from. */
export type Signal = 'span' | 'log' | 'direct';

/** The ledger's classification of an event (`meta.type`). */
export type EventType = 'success' | 'info' | 'error' | 'warning';

/** One audit event before redaction: own data only, no reference into what the caller handed in. */
export interface AuditEvent {
  readonly signal: Signal;
  /** Stable over retries, spool and restart; printable ASCII, at most 255 characters. */
  readonly idempotencyKey: string;
  /** The ledger's `meta`: strings only; a key without a value is absent. */
  readonly meta: Readonly<Record<string, string>>;
  /** What becomes the `payload` text. For spans and logs an object in the shape of `signal`. */
  readonly payload: JsonValue;
}
