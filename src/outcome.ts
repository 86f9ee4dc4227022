/** What the ledger confirmed for one event. Fields that its answer left out are `undefined`. */
export interface Receipt {
  /** Id of the ledger transaction. */
  readonly txId: string | undefined;
  /** Hash of the payload as the ledger computed it. */
  readonly payloadHash: string | undefined;
  /** Whether the ledger had an event under this idempotency key already. */
  readonly duplicate: boolean;
  /** Correlation id: the ledger's echo, else the one that was sent. */
  readonly requestId: string;
  /** The ledger's own word for the state, such as `accepted`. */
  readonly status: string | undefined;
  /** The key under which the event was sent. */
  readonly idempotencyKey: string;
}

/** Every way in which an event can be lost; a loss is counted under exactly one of them. */
export const DROP_REASONS = [
  'rejected',
  'retries_exhausted',
  'deadline',
  'quota_exhausted',
  'unauthorized',
  'queue_full',
  'spool_full',
  'shutdown',
  'aborted',
  'encode_failed',
] as const;

/** Why an event was lost: one of {@link DROP_REASONS}. */
export type DropReason = (typeof DROP_REASONS)[number];

/** Why everything that is on disk stays there for now: the ledger refuses all traffic. */
export type ParkReason = Extract<DropReason, 'quota_exhausted' | 'unauthorized'>;

/** What stood in the way of one attempt, in words that are safe to show. */
export interface Failure {
  /** Short and closed in vocabulary, such as `HTTP 503`, `ECONNREFUSED` or `timeout`. */
  readonly detail: string;
  /** HTTP status; `undefined` when no answer came. */
  readonly status: number | undefined;
}

/**
 * How sending one event went. A transport resolves to one of these and never rejects.
 *
 * - `accepted`: the ledger took it (any 2xx).
 * - `retryable`: the same bytes under the same key may be sent again; at most once more when `once`.
 * - `quota`: 429; this request is never repeated and all traffic stops.
 * - `misconfigured`: wrong key, wrong URL, TLS or redirect; all traffic stops.
 * - `rejected`: the ledger refuses this one event; its neighbours go on.
 * - `dropped`: given up without a decision of the ledger.
 */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly receipt: Receipt }
  | {
      readonly kind: 'retryable';
      readonly failure: Failure;
      readonly retryAfterMs: number | undefined;
      readonly once: boolean;
    }
  | { readonly kind: 'quota'; readonly failure: Failure; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'misconfigured'; readonly failure: Failure }
  | {
      readonly kind: 'rejected';
      readonly failure: Failure;
      /** The ledger's own words, as they came: not to be shown before they are redacted. */
      readonly reason?: string | undefined;
    }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly failure: Failure };

/** Makes the compiler show a case that a `switch` forgot. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected case: ${String(value)}`);
}
