import type { RetryPolicy } from '../config/resolve.ts';
import type { SendOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { RecordRef, Spool, SpooledRecord } from '../spool/spool.ts';
import { backoffMs } from './backoff.ts';
import type { Claimed } from './drain-queue.ts';
import { clampRetryAfter } from './retry-after.ts';

/** Wait before an event that could not be put into quarantine is tried again, ms. */
const QUARANTINE_RETRY_MS = 5_000;

type Outcome<K extends SendOutcome['kind']> = Extract<SendOutcome, { kind: K }>;

/** What the drain tells of its records. */
export interface DrainEvents {
  delivered(record: SpooledRecord, outcome: Outcome<'accepted'>): void;
  quarantined(record: SpooledRecord, outcome: Outcome<'rejected'>): void;
  /** The ledger refuses all traffic; the records stay. */
  parked(outcome: Outcome<'quota' | 'misconfigured'>): void;
  retried(ref: RecordRef): void;
}

/** What settling needs. */
export interface SettleDeps {
  readonly spool: Spool;
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Takes personal data out of the words of the ledger. */
  readonly redactText: (text: string) => string;
  readonly events: DrainEvents;
  /** The record is to be sent again after so many ms. */
  readonly putBack: (claimed: Claimed, waitMs: number) => void;
}

/**
 * Makes the function that does with a record what the outcome of its attempt asks for; it gives a
 * promise where that takes time.
 */
export function createSettle(
  deps: SettleDeps,
): (claimed: Claimed, outcome: SendOutcome) => Promise<void> | undefined {
  const { spool, policy, random, events, putBack } = deps;

  async function refused(claimed: Claimed, outcome: Outcome<'rejected'>): Promise<void> {
    const { record } = claimed;
    const reason = outcome.reason === undefined ? undefined : deps.redactText(outcome.reason);
    const { status } = outcome.failure;
    if (await spool.quarantine({ record, status, reason })) events.quarantined(record, outcome);
    else putBack(claimed, QUARANTINE_RETRY_MS);
  }

  function repeatLater(claimed: Claimed, { once, retryAfterMs }: Outcome<'retryable'>): void {
    const again = {
      ...claimed,
      free: false,
      attempts: claimed.attempts + 1,
      conflicts: claimed.conflicts + (once ? 1 : 0),
    };
    const waitMs = backoffMs(policy, claimed.attempts, random());
    putBack(again, Math.max(waitMs, clampRetryAfter(retryAfterMs ?? 0)));
  }

  return (claimed, outcome) => {
    switch (outcome.kind) {
      case 'accepted':
        spool.acknowledge(claimed.record.ref);
        events.delivered(claimed.record, outcome);
        return undefined;
      case 'rejected':
        return refused(claimed, outcome);
      case 'retryable':
        if (outcome.once && claimed.conflicts > 0) {
          return refused(claimed, { kind: 'rejected', failure: outcome.failure });
        }
        repeatLater(claimed, outcome);
        return undefined;
      case 'quota':
      case 'misconfigured':
        putBack(claimed, 0);
        events.parked(outcome);
        return undefined;
      case 'dropped':
        putBack(claimed, 0);
        return undefined;
    }
  };
}
