import { ValueCopier } from './attribute-value.ts';
import type { JsonObjectDraft } from './bare-object.ts';
import { bareObject } from './bare-object.ts';
import type { MappingContext } from './context.ts';
import { setAttributes, setDropped, setField, setTime } from './draft.ts';
import type { AuditEvent } from './event.ts';
import { setClientIp } from './http-meta.ts';
import type { JsonArray, JsonObject } from './json.ts';
import type { SpanLike } from './otel-types.ts';
import { createResourceCache } from './resource.ts';
import { createScopeCache } from './scope.ts';
import type { CopiedSpan } from './span-copy.ts';
import { copySpan } from './span-copy.ts';
import { spanMeta } from './span-meta.ts';
import type { PartDeps } from './span-parts.ts';
import { spanLinks, traceState } from './span-parts.ts';
import { durationMs } from './time.ts';
import { parseTraceIds } from './trace-id.ts';

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
