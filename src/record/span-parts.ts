import type { ValueCopier } from './attribute-value.ts';
import { bareObject } from './bare-object.ts';
import { setAttributes, setDropped, setField, setTime } from './draft.ts';
import type { JsonArray, JsonObject } from './json.ts';
import type { SpanContextLike, SpanEventLike, SpanLinkLike } from './otel-types.ts';
import { parseTraceIds, traceStateText } from './trace-id.ts';
import { wellFormed } from './well-formed.ts';

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
