import type { Diagnostics } from '../../runtime/diagnostics.ts';
import type { DeliveryEvents } from '../delivery.ts';
import type { DiskLedger } from './disk-ledger.ts';

/** Where the news of events on disk goes on its way to the books of the client. */
export interface DiskAccountsDeps {
  readonly disk: DiskLedger;
  readonly events: DeliveryEvents;
  readonly diagnostics: Diagnostics;
  /** Whether the event under a key is about to be stored (again). */
  readonly holds: (key: string) => boolean;
}

/** Passes on what is told of events on disk, each of them once. */
export function createDiskAccounts(
  deps: DiskAccountsDeps,
): Pick<DiskAccountsDeps, 'events' | 'diagnostics'> {
  const { disk, events, diagnostics, holds } = deps;
  let lastFound = 0;

  function accountOf(owner: number, key: string): number | undefined {
    const left = disk.left(owner, key, () => holds(key));
    if (left?.unannounced === true) events.recovered(1);
    return left?.owner;
  }

  return {
    events: {
      delivered(owner, receipt, summary) {
        const whose = accountOf(owner, receipt.idempotencyKey);
        if (whose !== undefined) events.delivered(whose, receipt, summary);
      },
      quarantined(owner, status, summary) {
        const whose = accountOf(owner, summary().idempotencyKey);
        if (whose !== undefined) events.quarantined(whose, status, summary);
      },
      retried: (owner) => {
        events.retried(owner);
      },
      recovered(count) {
        lastFound = disk.found(count);
        if (lastFound > 0) events.recovered(lastFound);
      },
    },
    diagnostics: {
      report(notice) {
        if (notice.code !== 'spool_recovered') diagnostics.report(notice);
        else if (lastFound > 0) diagnostics.report({ ...notice, count: lastFound });
      },
    },
  };
}
