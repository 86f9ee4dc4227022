import type { EventType } from './event.ts';
import { isEventType } from './event.ts';
import type { HttpFields } from './fields.ts';
import { httpClientAddress } from './fields.ts';
import type { JsonArray, JsonObject, JsonObjectDraft, JsonValue } from './json.ts';
import { bareObject, wellFormed } from './json.ts';
import type { MappingContext } from './origin.ts';
import type { AttributesLike } from './otel-types.ts';

/** The `meta` of an event while it is being built. */
export type MetaDraft = JsonObjectDraft<string>;

/** What every event says about itself; no text but the name and the request id is ever empty. */
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

/**
 * Sets a key to a text; an empty one counts as no value. It is not cut to what the ledger takes:
 * a cut could fall into an address that the redactor would have recognised as a whole.
 */
export function setMeta(meta: MetaDraft, key: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') return;
  meta[key] = wellFormed(value);
}

/** Sets the keys that every event has. */
export function setCoreMeta(meta: MetaDraft, core: CoreMeta): void {
  const { env, traceId, requestId } = core;
  meta['env'] = env;
  meta['environment'] = env;
  setMeta(meta, 'event_name', core.eventName);
  meta['log_level'] = core.logLevel;
  if (requestId === traceId) meta['request_id'] = requestId;
  else setMeta(meta, 'request_id', requestId);
  meta['service'] = core.service;
  if (traceId !== undefined) meta['trace_id'] = traceId;
  meta['type'] = core.type;
}

/** Starts the `meta` of an event. */
export function createMeta(core: CoreMeta): MetaDraft {
  const meta = bareObject<string>();
  setCoreMeta(meta, core);
  return meta;
}

/** Sets the trail that groups events: trimmed, without the colon that the ledger reserves. */
export function setTrail(meta: MetaDraft, trail: unknown): void {
  if (typeof trail !== 'string') return;
  setMeta(meta, 'immutable_trail', trail.trim().replaceAll(':', '-'));
}

/** Sets `http_method`, `http_status` (digits) and `http_route`. */
export function setHttpMeta(meta: MetaDraft, http: HttpFields): void {
  setMeta(meta, 'http_method', http.method);
  setMeta(meta, 'http_route', http.route);
  setMeta(meta, 'http_status', http.status === undefined ? undefined : String(http.status));
}

/** Sets `client_ip` where the user opted in: the vendor advises against a raw address. */
export function setClientIp(
  meta: MetaDraft,
  context: MappingContext,
  attributes: AttributesLike,
): void {
  if (context.clientIp === 'raw') setMeta(meta, 'client_ip', httpClientAddress(attributes));
}

/** Where a record may say what went wrong, all of it copied already. */
export interface ErrorSources {
  readonly attributes: JsonObject;
  /** The events of a span as in the payload. */
  readonly events: JsonArray;
  /** The message of a span's status. */
  readonly statusMessage: JsonValue | undefined;
}

const NO_ATTRIBUTES: JsonObject = {};

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function lastException(events: JsonArray): JsonObject {
  const exception = events.findLast((event) => isObject(event) && event['name'] === 'exception');
  const attributes = isObject(exception) ? exception['attributes'] : undefined;
  return isObject(attributes) ? attributes : NO_ATTRIBUTES;
}

/** Sets `error_type` and `error_message` from the first source that has them. */
export function setErrorMeta(meta: MetaDraft, sources: ErrorSources): void {
  const { attributes, events, statusMessage } = sources;
  const exception = events.length > 0 ? lastException(events) : NO_ATTRIBUTES;
  const type =
    text(attributes['error.type']) ??
    text(attributes['exception.type']) ??
    text(exception['exception.type']);
  const message =
    text(attributes['exception.message']) ??
    text(exception['exception.message']) ??
    text(statusMessage);
  setMeta(meta, 'error_message', message);
  setMeta(meta, 'error_type', type);
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

function take(attributes: JsonObjectDraft, key: string): JsonValue | undefined {
  const value = attributes[key];
  if (value !== undefined) delete attributes[key];
  return value;
}

const textOfControlAttributes = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Reads `immutablelog.*` and removes it from the copied attributes; an unknown type is ignored. */
export function takeControls(attributes: JsonObjectDraft): Controls {
  const eventName = textOfControlAttributes(take(attributes, ATTR_IMMUTABLELOG_EVENT_NAME));
  const trail = textOfControlAttributes(take(attributes, ATTR_IMMUTABLELOG_TRAIL));
  const type = take(attributes, ATTR_IMMUTABLELOG_TYPE);
  return { eventName, trail, type: isEventType(type) ? type : undefined };
}
