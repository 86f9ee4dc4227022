import type { RedactionCounters } from '../../redact/accounting.ts';
import { createRedactionCounters } from '../../redact/accounting.ts';
import type { DeliveryEvents } from '../delivery.ts';
import type { NewsDesk } from './news-desk.ts';

/** Makes news of what becomes of events on disk; `receipts`: with the `meta` of each. */
export function tellEvents(desk: NewsDesk, receipts: boolean): DeliveryEvents {
  return {
    delivered(owner, receipt, summary) {
      const shown = receipts ? summary() : undefined;
      desk.report({ kind: 'delivered', owner, receipt, summary: shown }, 'later');
    },
    quarantined(owner, status, summary) {
      desk.report({ kind: 'quarantined', owner, status, summary: summary() }, 'later');
    },
    retried(owner) {
      desk.report({ kind: 'retried', owner }, 'later');
    },
    recovered(count) {
      desk.report({ kind: 'recovered', count }, 'now');
    },
  };
}

/** Makes news of what is taken out of the words of the ledger. */
export function tellRedactions(desk: NewsDesk): RedactionCounters {
  return {
    ...createRedactionCounters(),
    count(action, dataClass) {
      desk.report({ kind: 'redacted', action, dataClass }, 'later');
    },
    error() {
      desk.report({ kind: 'redaction_failed' }, 'later');
    },
    cut() {
      desk.report({ kind: 'redaction_cut' }, 'later');
    },
  };
}
