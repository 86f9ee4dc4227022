import type { JsonObjectDraft } from './bare-object.ts';
import { bareObject } from './bare-object.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { timestampOfMs, timestampText } from './time.ts';

/** A time of a record and what stands in for it when it is invalid. */
export interface Moment {
  readonly time: unknown;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Whether an object has a key of its own. */
export function hasKeys(object: JsonObject): boolean {
  for (const key in object) {
    if (Object.hasOwn(object, key)) return true;
  }
  return false;
}

/** Sets a field unless there is no value for it; an empty text, 0 and `false` are values. */
export function setField(draft: JsonObjectDraft, key: string, value: JsonValue | undefined): void {
  if (value !== undefined) draft[key] = value;
}

/** Sets a field to attributes, unless there are none. */
export function setAttributes(draft: JsonObjectDraft, attributes: JsonObject): void {
  if (hasKeys(attributes)) draft['attributes'] = attributes;
}

/** Counts of what was dropped, by kind. */
export interface DroppedCounts {
  readonly attributes: number | undefined;
  readonly events?: number | undefined;
  readonly links?: number | undefined;
}

function isCount(count: unknown): count is number {
  return typeof count === 'number' && Number.isFinite(count) && count > 0;
}

/**
 * Sets `dropped` to what the SDK threw away before us, by kind, without the zeros
 * (OpenTelemetry, mapping to non-OTLP formats, "Dropped Attributes Count").
 */
export function setDropped(
  draft: JsonObjectDraft,
  { attributes, events, links }: DroppedCounts,
): void {
  if (!isCount(attributes) && !isCount(events) && !isCount(links)) return;
  const dropped = bareObject();
  if (isCount(attributes)) dropped['attributes'] = attributes;
  if (isCount(events)) dropped['events'] = events;
  if (isCount(links)) dropped['links'] = links;
  draft['dropped'] = dropped;
}

/** Sets a moment; the present one, marked by `time_invalid`, when the record's own is invalid. */
export function setTime(draft: JsonObjectDraft, key: string, moment: Moment): void {
  const text = timestampText(moment.time);
  draft[key] = text ?? timestampOfMs(moment.now());
  if (text === undefined) draft['time_invalid'] = true;
}
