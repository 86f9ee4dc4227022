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

/** What makes the ledger refuse all traffic: a used-up quota, or a wrong configuration. */
export type HaltCause = 'quota' | 'misconfigured';

/** Why everything that is on disk stays there for now: the ledger refuses all traffic. */
export type ParkReason = Extract<DropReason, 'quota_exhausted' | 'unauthorized'>;

/** Under which reason events are lost, or stay on disk, while the ledger refuses all traffic. */
export const HALT_REASONS: Readonly<Record<HaltCause, ParkReason>> = {
  quota: 'quota_exhausted',
  misconfigured: 'unauthorized',
};

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
 * - `accepted`: the ledger took it (a 2xx of its own).
 * - `retryable`: the same bytes under the same key may be sent again; at most once more when `once`.
 * - `quota`: 429; this request is never repeated and all traffic stops.
 * - `misconfigured`: wrong key, wrong URL, TLS, redirect or a web page; all traffic stops.
 * - `rejected`: the ledger refuses this one event; its neighbours go on.
 * - `dropped`: given up without a decision of the ledger.
 */
export type AttemptOutcome =
  | Accepted
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
  | Lost;

/** An outcome of one kind. */
export type AttemptOf<Kind extends AttemptOutcome['kind']> = Extract<
  AttemptOutcome,
  { readonly kind: Kind }
>;

/** An event that was lost, and why. */
export interface Lost {
  readonly kind: 'dropped';
  readonly reason: DropReason;
  readonly failure: Failure;
}

/** The ledger refused it for good; it is kept beside the spool. */
export interface Quarantined {
  readonly kind: 'quarantined';
  readonly failure: Failure;
}

/** On disk and not in the ledger, because that refuses all traffic. */
export interface Parked {
  readonly kind: 'parked';
  readonly reason: ParkReason;
  readonly failure: Failure;
}

/** On disk; delivery goes on by itself. */
export interface Spooled {
  readonly kind: 'spooled';
  /** What came of it, for who asked to be told; never rejects. */
  readonly delivered: Promise<AwaitedOutcome> | undefined;
}

/** What can be told to who awaits the delivery of a stored event. */
export type AwaitedOutcome = Accepted | Quarantined | Parked | Lost;

/** It is in the ledger. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly receipt: Receipt;
}

/** How handing over an event ended: in the ledger, on disk, or lost under one reason. */
export type Outcome = Accepted | Spooled | Lost;

/** The event is lost for a reason that no answer of the ledger gave. */
export function lost(reason: DropReason, detail: string): Lost {
  return { kind: 'dropped', reason, failure: { detail, status: undefined } };
}

/** The ledger gave no answer: the event may be sent again. */
export function unanswered(detail: string): AttemptOf<'retryable'> {
  const failure = { detail, status: undefined };
  return { kind: 'retryable', failure, retryAfterMs: undefined, once: false };
}

/** Makes the compiler show a case that a `switch` forgot. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected case: ${String(value)}`);
}
