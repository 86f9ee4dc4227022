import type { DropReason } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';

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
