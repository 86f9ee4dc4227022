/**
 * What the ledger should hold for a record of the SDK, computed from the public description of the
 * mapping and from nothing in `src`. Values are expected as they are: records that go through here
 * hold no personal data, except where a test says so.
 */
import type { HrTime, SpanContext } from '@opentelemetry/api';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/** An expected event. */
export interface ExpectedEvent {
  readonly meta: Readonly<Record<string, string>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

type Fields = Record<string, unknown>;

/** What every record of the sample resource shows of it. */
const RESOURCE = {
  'service.name': 'checkout',
  'service.version': '4.2.0',
  'deployment.environment.name': 'staging',
  'host.name': 'web-7',
  'process.pid': 4242,
};
const COMMON_META = { service: 'checkout', env: 'staging', environment: 'staging' };
const CONTROLS = ['immutablelog.event_name', 'immutablelog.type', 'immutablelog.trail'];

function withoutUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function stringsOf(fields: Fields): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'string' && value !== '') texts[key] = value;
  }
  return texts;
}

function time([seconds, nanos]: HrTime): string {
  const second = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${second}.${String(nanos).padStart(9, '0')}Z`;
}

function plainObject(value: object): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toJSON();
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (value instanceof Set) return plain([...value]);
  if (value instanceof Error) {
    return { type: value.name, message: value.message, stack: value.stack };
  }
  if (Array.isArray(value)) return value.map(plain);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
}

/** A value as JSON shows it. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : String(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '\uFFFD');
  if (value === undefined) return null;
  return typeof value === 'object' && value !== null ? plainObject(value) : value;
}

/** Attributes as the payload shows them; `undefined` when there are none. */
function attributesOf(attributes: Fields | undefined): unknown {
  const shown = Object.entries(attributes ?? {}).filter(([key]) => !CONTROLS.includes(key));
  return shown.length === 0 ? undefined : plain(Object.fromEntries(shown));
}

function droppedOf(counts: Record<string, number | undefined>): unknown {
  const some = Object.entries(counts).filter(([, count]) => (count ?? 0) > 0);
  return some.length === 0 ? undefined : Object.fromEntries(some);
}

function scopeOf(scope: { name: string; version?: string; schemaUrl?: string }): Fields {
  return withoutUndefined({
    name: scope.name,
    version: scope.version,
    schema_url: scope.schemaUrl,
  });
}

function httpMeta(attributes: Fields): Fields {
  const status = attributes['http.response.status_code'] ?? attributes['http.status_code'];
  return {
    http_method: attributes['http.request.method'] ?? attributes['http.method'],
    http_status: typeof status === 'number' ? String(status) : undefined,
    http_route: attributes['http.route'],
  };
}

function spanType(span: ReadableSpan): string {
  const chosen = span.attributes['immutablelog.type'];
  if (typeof chosen === 'string') return chosen;
  if (span.status.code === SpanStatusCode.ERROR) return 'error';
  const { http_status: status } = httpMeta(span.attributes);
  const code = Number(status ?? 0);
  if (span.kind === SpanKind.SERVER && code >= 400) return 'error';
  return code >= 300 && code < 400 ? 'info' : 'success';
}

function trailOf(attributes: Fields): string | undefined {
  const trail = attributes['immutablelog.trail'];
  return typeof trail === 'string' ? trail.trim().replaceAll(':', '-').slice(0, 256) : undefined;
}

/** `undefined` for an empty list. */
function listOf<T>(items: readonly T[], show: (item: T) => unknown): unknown {
  return items.length === 0 ? undefined : items.map(show);
}

function spanMeta(span: ReadableSpan): Record<string, string> {
  const { attributes } = span;
  const { traceId } = span.spanContext();
  const exception = span.events.findLast(({ name }) => name === 'exception')?.attributes ?? {};
  const type = spanType(span);
  return stringsOf({
    ...COMMON_META,
    type,
    event_name: attributes['immutablelog.event_name'] ?? span.name,
    request_id: traceId,
    trace_id: traceId,
    log_level: type === 'error' ? 'error' : 'info',
    ...httpMeta(attributes),
    error_type:
      attributes['error.type'] ?? attributes['exception.type'] ?? exception['exception.type'],
    error_message:
      attributes['exception.message'] ?? exception['exception.message'] ?? span.status.message,
    immutable_trail: trailOf(attributes),
  });
}

function spanPayload(span: ReadableSpan): Fields {
  const { traceId, spanId, traceState } = span.spanContext();
  const [seconds, nanos] = span.duration;
  return withoutUndefined({
    signal: 'span',
    name: span.name,
    kind: ['internal', 'server', 'client', 'producer', 'consumer'][span.kind],
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: span.parentSpanContext?.spanId,
    parent_is_remote: span.parentSpanContext?.isRemote === true ? true : undefined,
    trace_state: traceState?.serialize(),
    start_time: time(span.startTime),
    end_time: time(span.endTime),
    duration_ms: Number(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)) / 1e6,
    status: withoutUndefined({
      code: ['unset', 'ok', 'error'][span.status.code],
      message: span.status.message,
    }),
    attributes: attributesOf(span.attributes),
    events: listOf(span.events, expectedSpanPart),
    links: listOf(span.links, expectedLink),
    resource: RESOURCE,
    scope: scopeOf(span.instrumentationScope),
    dropped: droppedOf({
      attributes: span.droppedAttributesCount,
      events: span.droppedEventsCount,
      links: span.droppedLinksCount,
    }),
  });
}

/** The event of a span. */
export function expectedSpanEvent(span: ReadableSpan): ExpectedEvent {
  return { meta: spanMeta(span), payload: spanPayload(span) };
}

function expectedSpanPart(event: ReadableSpan['events'][number]): Fields {
  return withoutUndefined({
    name: event.name,
    time: time(event.time),
    attributes: attributesOf(event.attributes),
    dropped: droppedOf({ attributes: event.droppedAttributesCount }),
  });
}

function expectedLink(link: ReadableSpan['links'][number]): Fields {
  const { traceId, spanId, traceState } = link.context;
  return withoutUndefined({
    trace_id: traceId,
    span_id: spanId,
    trace_state: traceState?.serialize(),
    attributes: attributesOf(link.attributes),
    dropped: droppedOf({ attributes: link.droppedAttributesCount }),
  });
}

function levelOf(severity: number, isException: boolean): string {
  if (severity >= 17) return 'error';
  if (severity >= 13) return 'warn';
  if (severity >= 9) return 'info';
  if (severity >= 1) return 'debug';
  return isException ? 'error' : 'info';
}

/** The only word of the traffic stands for 10 in OpenTelemetry's table of syslog. */
function severityOf({ severityNumber, severityText }: ReadableLogRecord): number {
  return severityNumber ?? (severityText === 'NOTICE' ? 10 : 0);
}

function logType(record: ReadableLogRecord, isException: boolean): string {
  const chosen = record.attributes['immutablelog.type'];
  if (typeof chosen === 'string') return chosen;
  const severity: number = severityOf(record);
  if (severity >= 17 || (severity === 0 && isException)) return 'error';
  return 'info';
}

/** Trace and span of a log record: its context, else what a logging library left in attributes. */
function traceOf(record: ReadableLogRecord): Partial<Pick<SpanContext, 'traceId' | 'spanId'>> {
  if (record.spanContext !== undefined) return record.spanContext;
  const { trace_id: traceId, span_id: spanId } = record.attributes;
  if (typeof traceId !== 'string' || !/^[0-9a-f]{32}$/.test(traceId)) return {};
  return typeof spanId === 'string' ? { traceId, spanId } : { traceId };
}

/** The event of a log record that travelled under the given idempotency key. */
export function expectedLogEvent(record: ReadableLogRecord, idempotencyKey: string): ExpectedEvent {
  const { attributes } = record;
  const { traceId, spanId } = traceOf(record);
  const isException = Object.keys(attributes).some((key) => key.startsWith('exception.'));
  const level = levelOf(severityOf(record), isException);
  const eventName =
    attributes['immutablelog.event_name'] ??
    record.eventName ??
    attributes['event.name'] ??
    `log.${level}`;
  const meta = stringsOf({
    ...COMMON_META,
    type: logType(record, isException),
    event_name: eventName,
    request_id: traceId ?? idempotencyKey,
    trace_id: traceId,
    log_level: level,
    ...httpMeta(attributes),
    error_type: attributes['error.type'] ?? attributes['exception.type'],
    error_message: attributes['exception.message'],
    immutable_trail: trailOf(attributes),
  });
  const payload = withoutUndefined({
    signal: 'log',
    event_name: record.eventName,
    time: time(record.hrTime),
    observed_time: time(record.hrTimeObserved),
    severity_number: record.severityNumber,
    severity_text: record.severityText,
    body: record.body === undefined ? undefined : plain(record.body),
    trace_id: traceId,
    span_id: spanId,
    attributes: attributesOf(attributes),
    resource: RESOURCE,
    scope: scopeOf(record.instrumentationScope),
    dropped: droppedOf({ attributes: record.droppedAttributesCount }),
  });
  return { meta, payload };
}
