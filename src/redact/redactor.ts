import type { AuditEvent } from '../record/event.ts';
import type { RedactionCounters } from './accounting.ts';
import type { Digester } from './digest.ts';
import { createEngine } from './engine.ts';
import { ERROR_MARKER } from './marker.ts';
import { createRedactMeta } from './redact-meta.ts';
import { createRedactPayload } from './redact-payload.ts';
import type { Redacted } from './redacted.ts';
import type { ResolvedRedaction } from './resolve.ts';

/** Takes personal data and secrets out of events. */
export interface Redaction {
  /** The event without them. Never throws and never changes what it was given. */
  event(event: AuditEvent): Redacted<AuditEvent>;
  /** Free text, such as the words of a server, without them. Never throws. */
  text(text: string): string;
}

function mint(event: AuditEvent): Redacted<AuditEvent> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that mints it
  return event as Redacted<AuditEvent>;
}

/** What is left of an event when redaction itself failed: that it happened, and nothing of it. */
function withheld({ signal, meta, idempotencyKey }: AuditEvent, digester: Digester): AuditEvent {
  const { type = 'info', trace_id: traceId } = meta;
  const kept = { type, event_name: ERROR_MARKER, log_level: meta['log_level'] ?? 'info' };
  return {
    signal,
    idempotencyKey: digester.ofValue(idempotencyKey, 'text'),
    meta: traceId === undefined ? kept : { ...kept, trace_id: traceId },
    payload: { signal, redaction: ERROR_MARKER },
  };
}

/** A {@link Redaction} by the given options; what it does is counted in `counters`. */
export function createRedaction(
  resolved: ResolvedRedaction,
  counters: RedactionCounters,
): Redaction {
  const engine = createEngine(resolved, counters);
  const { digester, isClean, search } = engine;
  const redactMeta = createRedactMeta(engine);
  const redactPayload = createRedactPayload(engine);

  // Two keys with different personal data in them must stay different, so such a key is digested
  // as a whole; the digest is a key as good as any.
  const redactKey = (key: string): string => (isClean(key) ? key : digester.ofValue(key, 'text'));

  return {
    event(event) {
      try {
        return mint({
          signal: event.signal,
          idempotencyKey: redactKey(event.idempotencyKey),
          meta: redactMeta(event.meta),
          payload: redactPayload(event),
        });
      } catch {
        counters.error();
        return mint(withheld(event, digester));
      }
    },
    text: (text) => search(text, 'text') ?? '',
  };
}
