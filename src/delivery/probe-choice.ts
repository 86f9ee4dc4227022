import type { SendOutcome } from '../outcome.ts';
import type { Claimed } from './drain-queue.ts';

/** Probes that may fail with one record before another one gets a chance. */
const SAME_RECORD = 3;

/**
 * Chooses what to probe with: the oldest record, as order demands; but not for ever the same one.
 * An event that the ledger can never digest would otherwise keep all others from being tried.
 */
export interface ProbeChoice {
  /** The record to leave out this time, if any. */
  passOver(): Claimed | undefined;
  ended(claimed: Claimed, outcome: SendOutcome): void;
}

/** Makes one that has seen no probe. */
export function createProbeChoice(): ProbeChoice {
  let last: Claimed | undefined;
  let failures = 0;
  return {
    passOver: () => (failures >= SAME_RECORD ? last : undefined),
    ended(claimed, outcome) {
      const failed = outcome.kind === 'retryable';
      failures = failed && claimed.order === last?.order ? failures + 1 : 1;
      last = failed ? claimed : undefined;
    },
  };
}
