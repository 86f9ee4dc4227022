import type { RedactionCounters } from '../../redact/accounting.ts';
import type { Diagnostics } from '../../runtime/diagnostics.ts';
import type { DeliveryEvents } from '../delivery.ts';
import type { PendingParcels } from './pending-parcels.ts';
import type { News, Report } from './protocol.ts';
import type { RemoteState } from './remote-state.ts';
import type { Settling } from './settling.ts';

/** Whom the news concerns. */
export interface NewsReaderDeps {
  readonly pending: PendingParcels;
  readonly settling: Settling;
  readonly state: RemoteState;
  readonly events: DeliveryEvents;
  readonly diagnostics: Diagnostics;
  readonly redactions: RedactionCounters;
  /** The thread asks for the API key. */
  readonly onAsk: (id: number) => void;
  /** A call ended. */
  readonly onDone: (id: number) => void;
}

type Readers = {
  readonly [Kind in Report['kind']]: (report: Extract<Report, { readonly kind: Kind }>) => void;
};

function createReaders(deps: NewsReaderDeps): Readers {
  const { settling, events, redactions } = deps;
  return {
    settled: ({ id, fate }) => {
      settling.settled(id, fate);
    },
    told: ({ id, fate }) => {
      settling.told(id, fate);
    },
    delivered: ({ owner, receipt, summary }) => {
      const { idempotencyKey } = receipt;
      events.delivered(owner, receipt, () => summary ?? { idempotencyKey, meta: {} });
    },
    quarantined: ({ owner, status, summary }) => {
      events.quarantined(owner, status, () => summary);
    },
    retried: ({ owner }) => {
      events.retried(owner);
    },
    recovered: ({ count }) => {
      events.recovered(count);
    },
    notice: ({ notice }) => {
      deps.diagnostics.report(notice);
    },
    ask: ({ id }) => {
      deps.onAsk(id);
    },
    done: ({ id }) => {
      deps.onDone(id);
    },
    redacted: ({ action, dataClass }) => {
      redactions.count(action, dataClass);
    },
    redaction_failed: () => {
      redactions.error();
    },
    redaction_cut: () => {
      redactions.cut();
    },
  };
}

/** Makes the function that does what the news of the thread asks for, in its order. */
export function createNewsReader(deps: NewsReaderDeps): (news: News) => void {
  const { pending, settling, state } = deps;
  const readers = createReaders(deps);

  function read(report: Report): void {
    // The table has a function for exactly this kind; the compiler cannot see that they belong.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const reader = readers[report.kind] as (report: Report) => void;
    reader(report);
  }

  return ({ repeated, accepted, stored, reports, state: told, at }) => {
    state.update(told, at);
    for (const id of repeated) pending.get(id)?.parcel.onRetry();
    for (const id of accepted) settling.accepted(id);
    for (const id of stored) settling.settled(id, { kind: 'spooled' });
    for (const report of reports) read(report);
  };
}
