import type { Span } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';

/**
 * The span of the HTTP request that is being served, also from inside the spans of a framework's
 * middleware and handlers; else the active span. `undefined` without either.
 *
 * Frameworks make child spans, and with `spans: 'entry'` only the span of the request becomes an
 * event; so this is the one to set `immutablelog.*` and other attributes on.
 *
 * @example
 * ```ts
 * requestSpan()?.setAttribute(ATTR_IMMUTABLELOG_EVENT_NAME, 'order.placed');
 * ```
 */
export function requestSpan(): Span | undefined {
  const active = context.active();
  // Put there by the HTTP instrumentation, for its server spans only.
  const server = getRPCMetadata(active)?.span;
  return server?.isRecording() === true ? server : trace.getSpan(active);
}
