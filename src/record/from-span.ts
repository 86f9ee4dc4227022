import type { AuditEvent, EventType } from './event.ts';
import type { HttpFields, TraceIds } from './fields.ts';
import {
  durationMs,
  httpFields,
  parseTraceIds,
  setAttributes,
  setDropped,
  setField,
  setTime,
  traceStateText,
} from './fields.ts';
import type { JsonArray, JsonObject, JsonObjectDraft, JsonValue } from './json.ts';
import { bareObject, wellFormed } from './json.ts';
import type { Controls, MetaDraft } from './meta.ts';
import {
  createMeta,
  setClientIp,
  setErrorMeta,
  setHttpMeta,
  setTrail,
  takeControls,
} from './meta.ts';
import type { MappingContext, RenderedResource } from './origin.ts';
import { createResourceCache, createScopeCache } from './origin.ts';
import type { SpanContextLike, SpanEventLike, SpanLike, SpanLinkLike } from './otel-types.ts';
import { ValueCopier } from './values.ts';

/** What copying the parts of one span needs. */
export interface PartDeps {
  readonly copier: ValueCopier;
  /** Wall clock in milliseconds since the epoch. */
  readonly now: () => number;
}

const NOTHING: JsonArray = [];

function spanEvent(event: SpanEventLike, { copier, now }: PartDeps): JsonObject {
  const draft = bareObject();
  setAttributes(draft, copier.attributes(event.attributes));
  setDropped(draft, { attributes: event.droppedAttributesCount });
  draft['name'] = copier.value(event.name);
  setTime(draft, 'time', { time: event.time, now });
  return draft;
}

/** Copies the events of a span. */
export function spanEvents(events: readonly SpanEventLike[], deps: PartDeps): JsonArray {
  if (!Array.isArray(events) || events.length === 0) return NOTHING;
  return events.map((event: SpanEventLike) => spanEvent(event, deps));
}

/** Copies the trace state of a span context; `undefined` when there is none. */
export function traceState(context: SpanContextLike | undefined): string | undefined {
  const text = traceStateText(context);
  return text === undefined ? undefined : wellFormed(text);
}

function spanLink(link: SpanLinkLike, copier: ValueCopier): JsonObject {
  const draft = bareObject();
  const { traceId, spanId } = parseTraceIds(link.context);
  setAttributes(draft, copier.attributes(link.attributes));
  setDropped(draft, { attributes: link.droppedAttributesCount });
  setField(draft, 'span_id', spanId);
  setField(draft, 'trace_id', traceId);
  setField(draft, 'trace_state', traceState(link.context));
  return draft;
}

/** Copies the links of a span. */
export function spanLinks(links: readonly SpanLinkLike[], copier: ValueCopier): JsonArray {
  if (!Array.isArray(links) || links.length === 0) return NOTHING;
  return links.map((link: SpanLinkLike) => spanLink(link, copier));
}

const STATUS_CODES: readonly string[] = ['unset', 'ok', 'error'];
const ERROR = 2;

/** The parts of a span that both its `meta` and its payload are made of, copied once. */
export interface CopiedSpan {
  readonly name: JsonValue;
  /** 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind: number;
  readonly status: JsonObject;
  readonly isError: boolean;
  readonly context: SpanContextLike | undefined;
  readonly ids: TraceIds;
  /** Without the attributes that steer the mapping. */
  readonly attributes: JsonObject;
  readonly controls: Controls;
  readonly http: HttpFields;
  readonly events: JsonArray;
}

function copiedStatus(status: SpanLike['status'], copier: ValueCopier): JsonObject {
  const draft = bareObject();
  draft['code'] = STATUS_CODES[status.code] ?? 'unset';
  const { message } = status;
  if (message !== undefined && message !== '') draft['message'] = copier.value(message);
  return draft;
}

/** Copies the parts of a span that are used more than once. */
export function copySpan(span: SpanLike, deps: PartDeps): CopiedSpan {
  const { copier } = deps;
  const attributes: JsonObjectDraft = copier.attributes(span.attributes);
  const context: SpanContextLike | undefined = span.spanContext();
  const { status } = span;
  return {
    name: copier.value(span.name),
    kind: span.kind,
    status: copiedStatus(status, copier),
    isError: status.code === ERROR,
    context,
    ids: parseTraceIds(context),
    controls: takeControls(attributes),
    attributes,
    http: httpFields(attributes),
    events: spanEvents(span.events, deps),
  };
}

const SERVER = 1;

/**
 * The ledger's type of a span. A span without a status ended without an error
 * (OpenTelemetry, trace/api.md, "Set Status"), so it is a success; of a client, a status of
 * 400 and above is an error only where the instrumentation says so.
 */
function typeOf(span: CopiedSpan): EventType {
  if (span.controls.type !== undefined) return span.controls.type;
  if (span.isError) return 'error';
  const status = span.http.status ?? 0;
  if (status >= 400) return span.kind === SERVER ? 'error' : 'success';
  return status >= 300 ? 'info' : 'success';
}

function eventNameOf(span: CopiedSpan): string {
  if (span.controls.eventName !== undefined) return span.controls.eventName;
  return typeof span.name === 'string' && span.name !== '' ? span.name : 'span';
}

/** What the `meta` of a span needs beside the span. */
export interface SpanMetaDeps {
  readonly resource: RenderedResource;
  readonly idempotencyKey: string;
}

/** Makes the `meta` of a span. */
export function spanMeta(span: CopiedSpan, { resource, idempotencyKey }: SpanMetaDeps): MetaDraft {
  const type = typeOf(span);
  const { traceId } = span.ids;
  const meta = createMeta({
    type,
    eventName: eventNameOf(span),
    service: resource.service,
    env: resource.env,
    requestId: traceId ?? idempotencyKey,
    traceId,
    logLevel: type === 'error' ? 'error' : 'info',
  });
  setHttpMeta(meta, span.http);
  const { attributes, events } = span;
  setErrorMeta(meta, { attributes, events, statusMessage: span.status['message'] });
  setTrail(meta, span.controls.trail);
  return meta;
}

const KINDS: readonly string[] = ['internal', 'server', 'client', 'producer', 'consumer'];

/** What all spans of one resource or scope share in their payloads. */
interface SharedParts {
  readonly resource: JsonObject | undefined;
  readonly scope: JsonObject | undefined;
}

function setList(draft: JsonObjectDraft, key: string, list: JsonArray): void {
  if (list.length > 0) draft[key] = list;
}

// Keys are set in sorted order, which saves the encoder from sorting them.
function startPayload(span: SpanLike, parts: CopiedSpan, deps: PartDeps): JsonObjectDraft {
  const payload = bareObject();
  setAttributes(payload, parts.attributes);
  setDropped(payload, {
    attributes: span.droppedAttributesCount,
    events: span.droppedEventsCount,
    links: span.droppedLinksCount,
  });
  setField(payload, 'duration_ms', durationMs(span.duration));
  setTime(payload, 'end_time', { time: span.endTime, now: deps.now });
  setList(payload, 'events', parts.events);
  setField(payload, 'kind', KINDS[parts.kind]);
  setList(payload, 'links', spanLinks(span.links, deps.copier));
  payload['name'] = parts.name;
  setField(payload, 'parent_span_id', parseTraceIds(span.parentSpanContext).spanId);
  return payload;
}

function finishPayload(
  payload: JsonObjectDraft,
  parts: CopiedSpan,
  start: { readonly time: unknown; readonly now: () => number } & SharedParts,
): void {
  setField(payload, 'resource', start.resource);
  setField(payload, 'scope', start.scope);
  payload['signal'] = 'span';
  setField(payload, 'span_id', parts.ids.spanId);
  setTime(payload, 'start_time', start);
  payload['status'] = parts.status;
  setField(payload, 'trace_id', parts.ids.traceId);
  setField(payload, 'trace_state', traceState(parts.context));
}

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
    const deps = { copier: new ValueCopier(), now };
    const parts = copySpan(span, deps);
    const { traceId, spanId } = parts.ids;
    const isNamed = traceId !== undefined && spanId !== undefined;
    const idempotencyKey = isNamed ? `${traceId}-${spanId}` : keyFor(span);
    const resource = resourceOf(span.resource);
    const meta = spanMeta(parts, { resource, idempotencyKey });
    setClientIp(meta, context, parts.attributes);
    const payload = startPayload(span, parts, deps);
    finishPayload(payload, parts, {
      time: span.startTime,
      now,
      resource: resource.attributes,
      scope: scopeOf(span.instrumentationScope),
    });
    return { signal: 'span', idempotencyKey, meta, payload };
  };
}
