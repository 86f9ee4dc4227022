import type { Context, SpanContext } from '@opentelemetry/api';
import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

/**
 * Marks what the package itself does.
 *
 * Its HTTP requests must not become spans, and its diagnostics must not come back as log
 * records to be exported: an outage would feed itself. Tracing is suppressed for both, and a
 * log record emitted under this context carries the trace id below, by which it is recognised.
 */
const OWN_SPAN: SpanContext = {
  traceId: '696d6d757461626c656c6f6720776f72',
  spanId: '696d6d7574616231',
  traceFlags: 0,
};

const OWN_CONTEXT: Context = suppressTracing(trace.setSpanContext(ROOT_CONTEXT, OWN_SPAN));

/** Runs a function so that nothing it does is traced, and its log records are known as our own. */
export function runAsOwn<T>(run: () => T): T {
  return context.with(OWN_CONTEXT, run);
}

/** Whether a record was emitted by the package itself. */
export function isOwn(spanContext: { readonly traceId: string } | undefined): boolean {
  return spanContext?.traceId === OWN_SPAN.traceId;
}

/** Trace id of the active span; `undefined` without one. */
export function activeTraceId(): string | undefined {
  const active = trace.getSpanContext(context.active());
  return active !== undefined && trace.isSpanContextValid(active) ? active.traceId : undefined;
}
