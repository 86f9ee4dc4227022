import type { DropReason, ParkReason, Receipt } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import { runAsOwn } from '../runtime/suppress-tracing.ts';

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

/** Counts outcomes; what it counts, its parent counts too. */
export class Counters {
  readonly #parent: Counters | undefined;
  readonly #dropped = { ...NO_LOSS };
  readonly #count = {
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
  #onDisk = 0;

  constructor(parent?: Counters) {
    this.#parent = parent;
  }

  // These two are handed along by themselves.
  readonly retried: () => void = () => {
    this.#count.retries += 1;
    this.#parent?.retried();
  };

  readonly callbackFailed: () => void = () => {
    this.#count.callbackErrors += 1;
    this.#parent?.callbackFailed();
  };

  emitted(): void {
    this.#count.emitted += 1;
    this.#count.inFlight += 1;
    this.#parent?.emitted();
  }

  filtered(): void {
    this.#count.filtered += 1;
    this.#count.inFlight -= 1;
    this.#parent?.filtered();
  }

  accepted(receipt: Pick<Receipt, 'duplicate'>): void {
    this.#accept(receipt);
    this.#count.inFlight -= 1;
    this.#parent?.accepted(receipt);
  }

  dropped(reason: DropReason): void {
    this.#dropped[reason] += 1;
    this.#count.inFlight -= 1;
    this.#parent?.dropped(reason);
  }

  /** Events that were lost, for whatever reason. */
  get lost(): number {
    return Object.values(this.#dropped).reduce((sum, count) => sum + count, 0);
  }

  /** It is on disk. */
  stored(): void {
    this.#onDisk += 1;
    this.#count.inFlight -= 1;
    this.#parent?.stored();
  }

  /** So many were found on disk. */
  recovered(found: number): void {
    this.#onDisk += found;
    this.#count.emitted += found;
    this.#count.recovered += found;
    this.#parent?.recovered(found);
  }

  /** One that was on disk is in the ledger. */
  delivered(receipt: Pick<Receipt, 'duplicate'>): void {
    this.#accept(receipt);
    this.#onDisk -= 1;
    this.#parent?.delivered(receipt);
  }

  /** One that was on disk is in quarantine. */
  quarantined(): void {
    this.#count.quarantined += 1;
    this.#onDisk -= 1;
    this.#parent?.quarantined();
  }

  /** `parked` says why what is on disk is not sent, if it is not. */
  stats(parked?: ParkReason): Stats {
    const onDisk = this.#onDisk;
    return {
      ...this.#count,
      spooled: parked === undefined ? onDisk : 0,
      parked: {
        quota_exhausted: parked === 'quota_exhausted' ? onDisk : 0,
        unauthorized: parked === 'unauthorized' ? onDisk : 0,
      },
      dropped: { ...this.#dropped },
    };
  }

  #accept({ duplicate }: Pick<Receipt, 'duplicate'>): void {
    this.#count.accepted += 1;
    if (duplicate) this.#count.duplicates += 1;
  }
}

/** At most one warning per reason in this time, in ms: an outage must not flood the log. */
const REPORT_EVERY_MS = 30_000;

interface Tally {
  count: number;
  detail: string;
  reportedAt: number;
}

/** Tells of lost events, the first at once and the following ones in sums. */
export class LossReport {
  readonly #clock: Clock;
  readonly #diagnostics: Diagnostics;
  readonly #tallies = new Map<DropReason, Tally>();

  constructor(clock: Clock, diagnostics: Diagnostics) {
    this.#clock = clock;
    this.#diagnostics = diagnostics;
  }

  lost(reason: DropReason, detail: string): void {
    const tally = this.#tallies.get(reason) ?? { count: 0, detail, reportedAt: -Infinity };
    this.#tallies.set(reason, tally);
    tally.count += 1;
    tally.detail = detail;
    if (this.#clock.now() - tally.reportedAt >= REPORT_EVERY_MS) this.#tell(reason, tally);
  }

  /** Tells what has not been told yet. */
  flush(): void {
    for (const [reason, tally] of this.#tallies) if (tally.count > 0) this.#tell(reason, tally);
  }

  #tell(reason: DropReason, tally: Tally): void {
    const { count, detail } = tally;
    tally.count = 0;
    tally.reportedAt = this.#clock.now();
    this.#diagnostics.report({ code: 'events_lost', reason, count, detail });
  }
}

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
