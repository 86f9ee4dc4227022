import type { AuditEvent, EventType } from './event.ts';
import {
  droppedCounts,
  durationMs,
  httpFields,
  numberOf,
  parseTraceIds,
  setField,
  setInvalidIds,
  setTime,
  textOf,
  traceFlagsText,
  traceStateText,
  unlessEmpty,
} from './fields.ts';
import type { JsonArray, JsonObject, JsonValue } from './json.ts';
import { bareObject } from './json.ts';
import { setCoreMeta, setRecordMeta, takeControls } from './meta.ts';
import type { MappingContext } from './origin.ts';
import { createResourceCache, createScopeCache } from './origin.ts';
import type { SpanEventLike, SpanLike, SpanLinkLike } from './otel-types.ts';
import type { Draft, MetaDraft, SPAN, SPAN_EVENT, SPAN_LINK, STATUS } from './schema.ts';
import { ValueCopier } from './values.ts';

const KINDS: readonly string[] = ['internal', 'server', 'client', 'producer', 'consumer'];
const SERVER = 1;
const STATUS_CODES: readonly string[] = ['unset', 'ok', 'error'];
const ERROR = 2;

/**
 * Makes the function that turns an ended span into an audit event.
 *
 * The idempotency key is `<trace id>-<span id>`; `keyFor` gives one for a span whose ids
 * are invalid. A record whose own fields throw when read throws here too; what is inside
 * attributes never does.
 */
export function createSpanMapper(
  context: MappingContext,
  keyFor: (span: SpanLike) => string,
): (span: SpanLike) => AuditEvent {
  const resourceOf = createResourceCache(context);
  const scopeOf = createScopeCache();
  const { now } = context;

  return (span) => {
    const copier = new ValueCopier();
    const attributes = copier.attributes(span.attributes);
    const spanContext = span.spanContext();
    const name = copier.value(span.name);
    const { kind } = span;
    const { code, message } = span.status;
    const statusMessage = messageOf(message, copier);
    const ids = parseTraceIds(spanContext);
    const { traceId, spanId } = ids;
    const parent = span.parentSpanContext;
    const controls = takeControls(attributes);
    const http = httpFields(attributes);
    const events = spanEvents(span.events, copier, now);
    const resource = resourceOf(span.resource);
    const isNamed = traceId !== undefined && spanId !== undefined;
    const idempotencyKey = isNamed ? `${traceId}-${spanId}` : keyFor(span);

    const type = controls.type ?? typeOf(kind, code, http.status);
    const meta: MetaDraft = bareObject<string>();
    setCoreMeta(meta, {
      type,
      eventName: controls.eventName ?? textOf(name) ?? 'span',
      service: resource.service,
      env: resource.env,
      requestId: traceId ?? idempotencyKey,
      traceId,
      logLevel: type === 'error' ? 'error' : 'info',
    });
    const { trail } = controls;
    setRecordMeta(meta, { attributes, http, events, statusMessage, trail }, context);

    // Keys are set in sorted order, which saves the encoder from sorting them.
    const payload: Draft<typeof SPAN> = bareObject();
    setField(payload, 'attributes', unlessEmpty(attributes));
    setField(payload, 'dropped', droppedBySpan(span));
    setField(payload, 'duration_ms', durationMs(span.duration));
    setTime(payload, 'end_time', span.endTime, now);
    if (events.length > 0) payload.events = events;
    setInvalidIds(payload, spanContext, ids);
    setField(payload, 'kind', KINDS[kind] ?? numberOf(kind));
    setField(payload, 'links', spanLinks(span.links, copier));
    payload.name = name;
    if (parent?.isRemote === true) payload.parent_is_remote = true;
    setField(payload, 'parent_span_id', parseTraceIds(parent).spanId);
    setField(payload, 'resource', resource.attributes);
    setField(payload, 'resource_schema_url', resource.schemaUrl);
    setField(payload, 'scope', scopeOf(span.instrumentationScope));
    payload.signal = 'span';
    setField(payload, 'span_id', spanId);
    setTime(payload, 'start_time', span.startTime, now);
    payload.status = spanStatus(code, statusMessage);
    setField(payload, 'trace_flags', traceFlagsText(spanContext));
    setField(payload, 'trace_id', traceId);
    setField(payload, 'trace_state', traceStateText(spanContext));
    return { signal: 'span', idempotencyKey, meta, payload };
  };
}

/**
 * The ledger's type of a span. A span without a status ended without an error
 * (OpenTelemetry, trace/api.md, "Set Status"), so it is a success; of a client, a status of
 * 400 and above is an error only where the instrumentation says so.
 */
function typeOf(kind: number, code: number, httpStatus: number | undefined): EventType {
  if (code === ERROR) return 'error';
  if (httpStatus === undefined || httpStatus < 300) return 'success';
  if (httpStatus < 400) return 'info';
  return kind === SERVER ? 'error' : 'success';
}

function droppedBySpan(span: SpanLike): JsonObject | undefined {
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span;
  return droppedCounts(droppedAttributesCount, droppedEventsCount, droppedLinksCount);
}

function messageOf(message: string | undefined, copier: ValueCopier): JsonValue | undefined {
  return message === undefined || message === '' ? undefined : copier.value(message);
}

function spanStatus(code: number, message: JsonValue | undefined): JsonObject {
  const status: Draft<typeof STATUS> = bareObject();
  status.code = STATUS_CODES[code] ?? numberOf(code) ?? 'unset';
  setField(status, 'message', message);
  return status;
}

const NO_EVENTS: JsonArray = [];

function spanEvents(
  events: readonly SpanEventLike[],
  copier: ValueCopier,
  now: () => number,
): JsonArray {
  if (!Array.isArray(events) || events.length === 0) return NO_EVENTS;
  return events.map(({ attributes, droppedAttributesCount, name, time }: SpanEventLike) => {
    const draft: Draft<typeof SPAN_EVENT> = bareObject();
    setField(draft, 'attributes', unlessEmpty(copier.attributes(attributes)));
    setField(draft, 'dropped', droppedCounts(droppedAttributesCount));
    draft.name = copier.value(name);
    setTime(draft, 'time', time, now);
    return draft;
  });
}

function spanLinks(links: readonly SpanLinkLike[], copier: ValueCopier): JsonArray | undefined {
  if (!Array.isArray(links) || links.length === 0) return undefined;
  return links.map(({ attributes, context, droppedAttributesCount }: Partial<SpanLinkLike>) => {
    const draft: Draft<typeof SPAN_LINK> = bareObject();
    const { traceId, spanId } = parseTraceIds(context);
    setField(draft, 'attributes', unlessEmpty(copier.attributes(attributes)));
    setField(draft, 'dropped', droppedCounts(droppedAttributesCount));
    // A link is nothing but its ids: what stands in their place is kept, be it zeros or nothing.
    if (spanId === undefined) draft.invalid_span_id = copier.value(context?.spanId);
    if (traceId === undefined) draft.invalid_trace_id = copier.value(context?.traceId);
    if (context?.isRemote === true) draft.is_remote = true;
    setField(draft, 'span_id', spanId);
    setField(draft, 'trace_flags', traceFlagsText(context));
    setField(draft, 'trace_id', traceId);
    setField(draft, 'trace_state', traceStateText(context));
    return draft;
  });
}
