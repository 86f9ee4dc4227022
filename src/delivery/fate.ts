import { ExporterError } from '../errors.ts';
import type { DropReason, Failure, ParkReason, Receipt, SendOutcome } from '../outcome.ts';
import { assertNever } from '../outcome.ts';

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
  readonly delivered: Promise<AwaitedFate> | undefined;
}

/** What can be told to who awaits the delivery of a stored event. */
export type AwaitedFate = Accepted | Quarantined | Parked | Lost;

/** It is in the ledger. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly receipt: Receipt;
}

/** How handing over an event ended: in the ledger, on disk, or lost under one reason. */
export type Fate = Accepted | Spooled | Lost;

/** The last word on an outcome that nothing repeats any more. */
export function fateOf(outcome: SendOutcome): Accepted | Lost {
  switch (outcome.kind) {
    case 'accepted':
    case 'dropped':
      return outcome;
    case 'quota':
      return { kind: 'dropped', reason: 'quota_exhausted', failure: outcome.failure };
    case 'misconfigured':
      return { kind: 'dropped', reason: 'unauthorized', failure: outcome.failure };
    case 'rejected':
      return { kind: 'dropped', reason: 'rejected', failure: outcome.failure };
    case 'retryable':
      return { kind: 'dropped', reason: 'retries_exhausted', failure: outcome.failure };
    default:
      return assertNever(outcome);
  }
}

const SENTENCES: Readonly<Record<DropReason, string>> = {
  rejected: 'the ledger refused the event',
  retries_exhausted: 'the event was not accepted after all retries',
  deadline: 'the event was not accepted within its deadline',
  quota_exhausted: 'the quota of the ledger is used up',
  unauthorized: 'the ledger cannot be used as configured; check apiKey and url',
  queue_full: 'too many bytes are waiting to be sent',
  spool_full: 'the spool is full',
  shutdown: 'the client is closed or was closed meanwhile',
  aborted: 'the signal of the caller fired',
  encode_failed: 'the event could not be encoded',
};

/** The error for a lost event. */
export function dropError(reason: DropReason, { detail, status }: Failure): ExporterError {
  return new ExporterError(reason, `${SENTENCES[reason]} (${detail})`, { status });
}

/** Under which reason events stay on disk while the ledger refuses all traffic. */
export function parkReason(halted: 'quota' | 'misconfigured'): ParkReason {
  return halted === 'quota' ? 'quota_exhausted' : 'unauthorized';
}

/** The error for an event that is not in the ledger, though somebody awaited it there. */
export function undeliveredError(fate: Exclude<AwaitedFate, Accepted>): ExporterError {
  const { failure } = fate;
  switch (fate.kind) {
    case 'quarantined':
      return new ExporterError(
        'rejected',
        `${SENTENCES.rejected} (${failure.detail}); it is kept in the quarantine of the spool`,
        { status: failure.status },
      );
    case 'parked':
      return new ExporterError(
        fate.reason,
        `${SENTENCES[fate.reason]} (${failure.detail}); the event is kept in the spool`,
        { status: failure.status },
      );
    case 'dropped':
      return dropError(fate.reason, failure);
    default:
      return assertNever(fate);
  }
}
