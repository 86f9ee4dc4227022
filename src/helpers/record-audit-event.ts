import type { EventType } from '../record/event.ts';
import { ATTR_IMMUTABLELOG_TRAIL, ATTR_IMMUTABLELOG_TYPE } from '../record/meta.ts';
import { ValueCopier } from '../record/values.ts';
import { globalLoggerProvider } from '../runtime/otel-globals.ts';
import { VERSION } from '../version.ts';
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

/** What else an audit event says. */
export interface AuditEventOptions {
  /** Type of the ledger event; by default it follows from the severity. */
  readonly type?: EventType | undefined;
  /** Groups events over services and requests, such as all events of one order. */
  readonly trail?: string | undefined;
  /** OpenTelemetry's number, 1 to 24. @defaultValue 17 for `error`, 13 for `warning`, else 9 */
  readonly severityNumber?: number | undefined;
  /** Text or structure of the log record. */
  readonly body?: unknown;
}

const SEVERITY_OF_TYPE: Readonly<Record<EventType, number>> = {
  success: 9,
  info: 9,
  warning: 13,
  error: 17,
};
const SEVERITY_TEXTS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

function severityText(severity: number): string {
  return SEVERITY_TEXTS[Math.floor((severity - 1) / 4)] ?? '';
}

/**
 * Records that something happened: emits an OpenTelemetry log record with an event name in the
 * current trace context. It goes to every log exporter of the program; the one of this package
 * makes it a ledger event.
 *
 * Works with `@opentelemetry/api-logs` 0.2xx and with the logs of `@opentelemetry/api` 1.10 and
 * later, whichever the program has registered. Never throws.
 *
 * @param name - event name, such as `invoice.paid`; no identifiers in it
 * @param attributes - what is recorded; personal data in it is hashed before it leaves the process.
 * It is copied, and so is the body: bytes as base64, what is no value of JSON as its text
 * @returns whether a registered logger provider took the record
 *
 * @example
 * ```ts
 * recordAuditEvent('invoice.paid', { 'invoice.id': 'inv_42' }, { type: 'success' });
 * ```
 */
export function recordAuditEvent(
  name: string,
  attributes: Readonly<Record<string, unknown>> = {},
  options: AuditEventOptions = {},
): boolean {
  const { type, trail, body } = options;
  const severityNumber = options.severityNumber ?? SEVERITY_OF_TYPE[type ?? 'info'];
  try {
    const provider = globalLoggerProvider();
    if (provider === undefined) return false;
    const copier = new ValueCopier();
    provider.getLogger('opentelemetry-exporter-immutablelog', VERSION).emit({
      eventName: name,
      severityNumber,
      severityText: severityText(severityNumber),
      // The processors of an SDK hold records for seconds, and the caller may change what it gave.
      attributes: {
        ...copier.attributes(attributes),
        ...(type !== undefined && { [ATTR_IMMUTABLELOG_TYPE]: type }),
        ...(trail !== undefined && { [ATTR_IMMUTABLELOG_TRAIL]: trail }),
      },
      ...(body !== undefined && { body: copier.value(body) }),
      context: context.active(),
    });
    return true;
  } catch {
    return false;
  }
}
