/**
 * The `meta` of an event: what the ledger indexes, texts only, none of them empty but the name
 * and the request id. Nothing is cut here to what the ledger takes: a cut could fall into an
 * address that the redactor would have recognised as a whole.
 */
import type { EventType } from './event.ts';
import type { HttpFields } from './fields.ts';
import { httpClientAddress, textOf } from './fields.ts';
import type { JsonArray, JsonObject, JsonObjectDraft, JsonValue } from './json.ts';
import { isJsonObject, wellFormed } from './json.ts';
import type { MappingContext } from './origin.ts';
import type { MetaDraft } from './schema.ts';
import { META } from './schema.ts';

/** What every event says about itself. */
export interface CoreMeta {
  readonly type: EventType;
  readonly eventName: string;
  /** Well-formed. */
  readonly service: string;
  /** Well-formed. */
  readonly env: string;
  readonly requestId: string;
  /** Well-formed. */
  readonly traceId: string | undefined;
  /** Well-formed. */
  readonly logLevel: string;
}

/** Sets the keys that every event has. */
export function setCoreMeta(meta: MetaDraft, core: CoreMeta): void {
  const { env, traceId, requestId } = core;
  meta.env = env;
  meta.environment = env;
  setMeta(meta, 'event_name', core.eventName);
  meta.log_level = core.logLevel;
  if (requestId === traceId) meta.request_id = requestId;
  else setMeta(meta, 'request_id', requestId);
  meta.service = core.service;
  if (traceId !== undefined) meta.trace_id = traceId;
  meta.type = core.type;
}

/** What a span or log record says beside that, all of it copied already. */
export interface RecordMeta {
  readonly attributes: JsonObject;
  readonly http: HttpFields;
  /** The events of a span as in the payload. */
  readonly events: JsonArray;
  /** The message of a span's status. */
  readonly statusMessage: JsonValue | undefined;
  readonly trail: string | undefined;
}

/** Sets the keys that spans and log records have. */
export function setRecordMeta(meta: MetaDraft, record: RecordMeta, context: MappingContext): void {
  const { attributes, http } = record;
  setMeta(meta, 'http_method', http.method);
  setMeta(meta, 'http_route', http.route);
  setMeta(meta, 'http_status', http.status === undefined ? undefined : String(http.status));
  setErrorMeta(meta, record);
  setTrail(meta, record.trail);
  // Only where the user opted in: the vendor advises against a raw address.
  if (context.clientIp === 'raw') setMeta(meta, 'client_ip', httpClientAddress(attributes));
}

/** The error from the first source that has one. */
function setErrorMeta(meta: MetaDraft, { attributes, events, statusMessage }: RecordMeta): void {
  const exception = events.length > 0 ? lastException(events) : NO_ATTRIBUTES;
  const type =
    textOf(attributes['error.type']) ??
    textOf(attributes['exception.type']) ??
    textOf(exception['exception.type']);
  const message =
    textOf(attributes['exception.message']) ??
    textOf(exception['exception.message']) ??
    textOf(statusMessage);
  setMeta(meta, 'error_message', message);
  setMeta(meta, 'error_type', type);
}

const NO_ATTRIBUTES: JsonObject = {};

function lastException(events: JsonArray): JsonObject {
  const exception = events.findLast(
    (event) => isJsonObject(event) && event['name'] === 'exception',
  );
  const attributes = isJsonObject(exception) ? exception['attributes'] : undefined;
  return isJsonObject(attributes) ? attributes : NO_ATTRIBUTES;
}

/** Sets the trail that groups events: trimmed, without the colon that the ledger reserves. */
export function setTrail(meta: MetaDraft, trail: string | undefined): void {
  if (trail === undefined) return;
  setMeta(meta, 'immutable_trail', trail.trim().replaceAll(':', META.immutable_trail.colon));
}

/** Sets a key to a text; an empty one counts as no value. */
export function setMeta<Name extends string>(
  meta: { [Key in Name]?: string },
  name: NoInfer<Name>,
  value: string | undefined,
): void {
  if (value !== undefined && value !== '') meta[name] = wellFormed(value);
}

/** Attribute that names the ledger event in place of the span name or event name; not in the payload. */
export const ATTR_IMMUTABLELOG_EVENT_NAME = 'immutablelog.event_name';
/** Attribute with the type of the ledger event: `success`, `info`, `warning`, `error`. */
export const ATTR_IMMUTABLELOG_TYPE = 'immutablelog.type';
/** Attribute with the trail, which groups events over services and requests. */
export const ATTR_IMMUTABLELOG_TRAIL = 'immutablelog.trail';

/** What a program said about the mapping by attributes of the record. */
export interface Controls {
  readonly eventName: string | undefined;
  readonly type: EventType | undefined;
  readonly trail: string | undefined;
}

/** Reads `immutablelog.*` and removes it from the copied attributes; an unknown type is ignored. */
export function takeControls(attributes: JsonObjectDraft): Controls {
  const eventName = textOf(take(attributes, ATTR_IMMUTABLELOG_EVENT_NAME));
  const trail = textOf(take(attributes, ATTR_IMMUTABLELOG_TRAIL));
  const type = take(attributes, ATTR_IMMUTABLELOG_TYPE);
  return { eventName, trail, type: isEventType(type) ? type : undefined };
}

function take(attributes: JsonObjectDraft, key: string): JsonValue | undefined {
  const value = attributes[key];
  if (value !== undefined) delete attributes[key];
  return value;
}

const EVENT_TYPES: ReadonlySet<unknown> = new Set<EventType>([
  'success',
  'info',
  'error',
  'warning',
]);

/** Whether a value is one of the ledger's four types. */
export function isEventType(value: unknown): value is EventType {
  return EVENT_TYPES.has(value);
}
