import type { DropReason } from '../outcome.ts';
import type { Receipt } from '../receipt.ts';

/**
 * What became of the events of one client or exporter.
 *
 * At any moment `emitted = accepted + filtered + Σ dropped + inFlight`.
 */
export interface Stats {
  /** Events handed in. */
  readonly emitted: number;
  /** Taken by the ledger, duplicates included. */
  readonly accepted: number;
  /** Of the accepted, those the ledger had already. */
  readonly duplicates: number;
  /** Left out because the options say so. */
  readonly filtered: number;
  /** Lost, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Not settled yet. */
  readonly inFlight: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Callbacks of the caller that threw. */
  readonly callbackErrors: number;
}

/** Counts fates; what it counts, its parent counts too. */
export interface Counters {
  emitted(): void;
  filtered(): void;
  accepted(receipt: Pick<Receipt, 'duplicate'>): void;
  dropped(reason: DropReason): void;
  readonly retried: () => void;
  readonly callbackFailed: () => void;
  stats(): Stats;
}

const NO_LOSS: Record<DropReason, number> = {
  rejected: 0,
  retries_exhausted: 0,
  deadline: 0,
  quota_exhausted: 0,
  unauthorized: 0,
  queue_full: 0,
  spool_full: 0,
  shutdown: 0,
  aborted: 0,
  encode_failed: 0,
};

/** Makes counters at zero. */
export function createCounters(parent?: Counters): Counters {
  let emitted = 0;
  let accepted = 0;
  let duplicates = 0;
  let filtered = 0;
  let inFlight = 0;
  let retries = 0;
  let callbackErrors = 0;
  const dropped = { ...NO_LOSS };
  return {
    emitted() {
      emitted += 1;
      inFlight += 1;
      parent?.emitted();
    },
    filtered() {
      filtered += 1;
      inFlight -= 1;
      parent?.filtered();
    },
    accepted(receipt) {
      accepted += 1;
      inFlight -= 1;
      if (receipt.duplicate) duplicates += 1;
      parent?.accepted(receipt);
    },
    dropped(reason) {
      dropped[reason] += 1;
      inFlight -= 1;
      parent?.dropped(reason);
    },
    retried() {
      retries += 1;
      parent?.retried();
    },
    callbackFailed() {
      callbackErrors += 1;
      parent?.callbackFailed();
    },
    stats: () => ({
      emitted,
      accepted,
      duplicates,
      filtered,
      dropped: { ...dropped },
      inFlight,
      retries,
      callbackErrors,
    }),
  };
}
