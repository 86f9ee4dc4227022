import type { RedactionCounters } from '../../redact/accounting.ts';
import { assertNever } from '../../outcome.ts';
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

type DiskReport = Extract<Report, { kind: 'delivered' | 'quarantined' | 'retried' | 'recovered' }>;
type RedactionReport = Extract<Report, { kind: 'redacted' | 'redaction_failed' | 'redaction_cut' }>;

function readDiskReport(report: DiskReport, events: DeliveryEvents): void {
  switch (report.kind) {
    case 'delivered': {
      const { owner, receipt, summary } = report;
      const { idempotencyKey } = receipt;
      events.delivered(owner, receipt, () => summary ?? { idempotencyKey, meta: {} });
      return;
    }
    case 'quarantined':
      events.quarantined(report.owner, report.status, () => report.summary);
      return;
    case 'retried':
      events.retried(report.owner);
      return;
    case 'recovered':
      events.recovered(report.count);
  }
}

function readRedactionReport(report: RedactionReport, redactions: RedactionCounters): void {
  switch (report.kind) {
    case 'redacted':
      redactions.count(report.action, report.dataClass);
      return;
    case 'redaction_failed':
      redactions.error();
      return;
    case 'redaction_cut':
      redactions.cut();
  }
}

/** Makes the function that does what the news of the thread asks for, in its order. */
export function createNewsReader(deps: NewsReaderDeps): (news: News) => void {
  const { pending, settling, state, events } = deps;

  function readReport(report: Report): void {
    switch (report.kind) {
      case 'settled':
        settling.settled(report.id, report.fate);
        return;
      case 'told':
        settling.told(report.id, report.fate);
        return;
      case 'delivered':
      case 'quarantined':
      case 'retried':
      case 'recovered':
        readDiskReport(report, events);
        return;
      case 'notice':
        deps.diagnostics.report(report.notice);
        return;
      case 'ask':
        deps.onAsk(report.id);
        return;
      case 'done':
        deps.onDone(report.id);
        return;
      case 'redacted':
      case 'redaction_failed':
      case 'redaction_cut':
        readRedactionReport(report, deps.redactions);
        return;
      default:
        assertNever(report);
    }
  }

  return ({ repeated, accepted, stored, reports, state: told, at }) => {
    state.update(told, at);
    for (const id of repeated) pending.get(id)?.parcel.onRetry();
    for (const id of accepted) settling.accepted(id);
    for (const id of stored) settling.settled(id, { kind: 'spooled' });
    for (const report of reports) readReport(report);
  };
}
