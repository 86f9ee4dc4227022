import type { JsonArray, JsonObject, JsonValue } from './json.ts';
import type { MetaDraft } from './meta.ts';
import { setMeta } from './meta.ts';

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
