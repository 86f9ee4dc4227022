import type { DropReason, ParkReason, Receipt } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import { runAsOwn } from '../runtime/suppress-tracing.ts';

/**
 * Calls a function of the caller's so that nothing it does harms the event.
 *
 * Log records and spans it emits are not exported again: a callback that logs each receipt would
 * otherwise make a receipt of each log record, without end.
 */
export function callSafely(call: () => unknown, onError: () => void): void {
  runAsOwn(() => {
    try {
      const result = call();
      // An async callback is not awaited, but its rejection must not end the process.
      if (result instanceof Promise) result.catch(onError);
    } catch {
      onError();
    }
  });
}

/** At most one warning per reason in this time, in ms: an outage must not flood the log. */
const REPORT_EVERY_MS = 30_000;

/** Tells of lost events, the first at once and the following ones in sums. */
export interface LossReport {
  lost(reason: DropReason, detail: string): void;
  /** Tells what has not been told yet. */
  flush(): void;
}

interface Tally {
  count: number;
  detail: string;
  reportedAt: number;
}

/** Makes a report that nothing was lost to yet. */
export function createLossReport(clock: Clock, diagnostics: Diagnostics): LossReport {
  const tallies = new Map<DropReason, Tally>();

  function tell(reason: DropReason, tally: Tally): void {
    const { count, detail } = tally;
    tally.count = 0;
    tally.reportedAt = clock.now();
    diagnostics.report({ code: 'events_lost', reason, count, detail });
  }

  return {
    lost(reason, detail) {
      const tally = tallies.get(reason) ?? { count: 0, detail, reportedAt: -Infinity };
      tallies.set(reason, tally);
      tally.count += 1;
      tally.detail = detail;
      if (clock.now() - tally.reportedAt >= REPORT_EVERY_MS) tell(reason, tally);
    },
    flush() {
      for (const [reason, tally] of tallies) if (tally.count > 0) tell(reason, tally);
    },
  };
}

/**
 * What became of the events of one client or exporter.
 *
 * At any moment
 * `emitted = accepted + filtered + spooled + Σ parked + quarantined + Σ dropped + inFlight`.
 */
export interface Stats {
  /** Events handed in, and those that an earlier process left in the spool. */
  readonly emitted: number;
  /** Of the emitted, those that were taken over from the spool of an earlier process. */
  readonly recovered: number;
  /** Taken by the ledger, duplicates included. */
  readonly accepted: number;
  /** Of the accepted, those the ledger had already. */
  readonly duplicates: number;
  /** Left out because the options say so. */
  readonly filtered: number;
  /** On disk, on their way to the ledger. */
  readonly spooled: number;
  /** On disk, and not sent while the ledger refuses all traffic, by the reason for that. */
  readonly parked: Readonly<Record<ParkReason, number>>;
  /** Refused by the ledger for good, and kept beside the spool. */
  readonly quarantined: number;
  /** Lost, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Neither on disk nor settled yet. */
  readonly inFlight: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Callbacks of the caller that threw. */
  readonly callbackErrors: number;
}

/** Counts outcomes; what it counts, its parent counts too. */
export interface Counters {
  emitted(): void;
  filtered(): void;
  accepted(receipt: Pick<Receipt, 'duplicate'>): void;
  dropped(reason: DropReason): void;
  /** It is on disk. */
  stored(): void;
  /** So many were found on disk. */
  recovered(count: number): void;
  /** One that was on disk is in the ledger. */
  delivered(receipt: Pick<Receipt, 'duplicate'>): void;
  /** One that was on disk is in quarantine. */
  quarantined(): void;
  readonly retried: () => void;
  readonly callbackFailed: () => void;
  /** `parked` says why what is on disk is not sent, if it is not. */
  stats(parked?: ParkReason): Stats;
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
  const dropped = { ...NO_LOSS };
  const count = {
    emitted: 0,
    recovered: 0,
    accepted: 0,
    duplicates: 0,
    filtered: 0,
    quarantined: 0,
    inFlight: 0,
    retries: 0,
    callbackErrors: 0,
  };
  let onDisk = 0;

  function accept({ duplicate }: Pick<Receipt, 'duplicate'>): void {
    count.accepted += 1;
    if (duplicate) count.duplicates += 1;
  }

  return {
    emitted() {
      count.emitted += 1;
      count.inFlight += 1;
      parent?.emitted();
    },
    filtered() {
      count.filtered += 1;
      count.inFlight -= 1;
      parent?.filtered();
    },
    accepted(receipt) {
      accept(receipt);
      count.inFlight -= 1;
      parent?.accepted(receipt);
    },
    dropped(reason) {
      dropped[reason] += 1;
      count.inFlight -= 1;
      parent?.dropped(reason);
    },
    stored() {
      onDisk += 1;
      count.inFlight -= 1;
      parent?.stored();
    },
    recovered(found) {
      onDisk += found;
      count.emitted += found;
      count.recovered += found;
      parent?.recovered(found);
    },
    delivered(receipt) {
      accept(receipt);
      onDisk -= 1;
      parent?.delivered(receipt);
    },
    quarantined() {
      count.quarantined += 1;
      onDisk -= 1;
      parent?.quarantined();
    },
    retried() {
      count.retries += 1;
      parent?.retried();
    },
    callbackFailed() {
      count.callbackErrors += 1;
      parent?.callbackFailed();
    },
    stats: (parked) => ({
      ...count,
      spooled: parked === undefined ? onDisk : 0,
      parked: {
        quota_exhausted: parked === 'quota_exhausted' ? onDisk : 0,
        unauthorized: parked === 'unauthorized' ? onDisk : 0,
      },
      dropped: { ...dropped },
    }),
  };
}
