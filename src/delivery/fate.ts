import { ExporterError } from '../errors.ts';
import type { DropReason, Failure, SendOutcome } from '../outcome.ts';
import { assertNever } from '../outcome.ts';
import type { Receipt } from '../receipt.ts';

/** An event that was lost, and why. */
export interface Lost {
  readonly kind: 'dropped';
  readonly reason: DropReason;
  readonly failure: Failure;
}

/** How an event ended: in the ledger, or lost under one reason. */
export type Fate = { readonly kind: 'accepted'; readonly receipt: Receipt } | Lost;

/** The last word on an outcome that nothing repeats any more. */
export function fateOf(outcome: SendOutcome): Fate {
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
