import type { ValueCopier } from './attribute-value.ts';
import { bareObject } from './bare-object.ts';
import type { JsonObjectDraft } from './bare-object.ts';
import type { Controls } from './control-attributes.ts';
import { takeControls } from './control-attributes.ts';
import type { HttpFields } from './http-fields.ts';
import { httpFields } from './http-fields.ts';
import type { JsonArray, JsonObject, JsonValue } from './json.ts';
import type { SpanContextLike, SpanLike } from './otel-types.ts';
import type { PartDeps } from './span-parts.ts';
import { spanEvents } from './span-parts.ts';
import type { TraceIds } from './trace-id.ts';
import { parseTraceIds } from './trace-id.ts';

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
