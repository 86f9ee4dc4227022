import type { JsonObjectDraft } from './bare-object.ts';
import { isEventType } from './event-type.ts';
import type { EventType } from './event.ts';
import type { JsonValue } from './json.ts';

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
  const eventName = text(take(attributes, 'immutablelog.event_name'));
  const trail = text(take(attributes, 'immutablelog.trail'));
  const type = take(attributes, 'immutablelog.type');
  return { eventName, trail, type: isEventType(type) ? type : undefined };
}
