import type { EventSummary } from '../config/options.ts';
import type { SpooledRecord } from '../spool/spool.ts';
import type { DeliveryEvents } from './delivery.ts';
import type { DrainEvents } from './drain-settle.ts';
import { parkReason } from './fate.ts';
import type { OwnerLog } from './owner-log.ts';
import type { Waiters } from './waiters.ts';

/** What callbacks are told of a record that was on disk. */
function summaryOf({ idempotencyKey, body }: SpooledRecord): EventSummary {
  const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
  // The body is of our own making and its checksum held.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { meta } = parsed as { readonly meta: EventSummary['meta'] };
  return { idempotencyKey, meta };
}

/** What the parts of a spooled delivery share before it is put together. */
export interface DrainEventsDeps {
  readonly owners: OwnerLog;
  readonly waiters: Waiters;
  readonly events: DeliveryEvents;
  /** Moved for each event that goes into quarantine. */
  readonly quarantinedByStatus: Record<string, number>;
}

/** Turns what the drain tells into what the client counts and its callers await. */
export function createDrainEvents(deps: DrainEventsDeps): DrainEvents {
  const { owners, waiters, events, quarantinedByStatus } = deps;
  return {
    delivered(record, { receipt }) {
      events.delivered(owners.take(record.ref), receipt, () => summaryOf(record));
      waiters.tell(record.ref, { kind: 'accepted', receipt });
    },
    quarantined(record, { failure }) {
      const status = String(failure.status ?? 'none');
      quarantinedByStatus[status] = (quarantinedByStatus[status] ?? 0) + 1;
      events.quarantined(owners.take(record.ref), failure.status, () => summaryOf(record));
      waiters.tell(record.ref, { kind: 'quarantined', failure });
    },
    parked(outcome) {
      const reason = parkReason(outcome.kind);
      waiters.tellAll({ kind: 'parked', reason, failure: outcome.failure });
    },
    retried(ref) {
      events.retried(owners.peek(ref));
    },
  };
}
