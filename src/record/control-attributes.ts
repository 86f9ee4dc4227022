import type { JsonObjectDraft } from './bare-object.ts';
import { isEventType } from './event-type.ts';
import type { EventType } from './event.ts';
import type { JsonValue } from './json.ts';

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

const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Reads `immutablelog.*` and removes it from the copied attributes; an unknown type is ignored. */
export function takeControls(attributes: JsonObjectDraft): Controls {
  const eventName = text(take(attributes, ATTR_IMMUTABLELOG_EVENT_NAME));
  const trail = text(take(attributes, ATTR_IMMUTABLELOG_TRAIL));
  const type = take(attributes, ATTR_IMMUTABLELOG_TYPE);
  return { eventName, trail, type: isEventType(type) ? type : undefined };
}
