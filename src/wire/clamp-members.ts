import type { JsonObject, JsonValue } from '../record/json.ts';
import type { ClampDraft } from './clamp-draft.ts';
import { fitValue } from './fit.ts';
import { isJsonArray, isJsonObject, jsonBytes, objectOf } from './json-tree.ts';

/** Reduces one member by what the draft has too much, down to nothing. */
export function fitMember(draft: ClampDraft, key: string): void {
  const value = draft.get(key);
  if (value === undefined) return;
  draft.set(key, fitValue(value, jsonBytes(value) - draft.excess));
}

function withAttributes(event: JsonObject, attributes: JsonValue | undefined): JsonObject {
  const members = Object.entries(event).filter(([key]) => key !== 'attributes');
  if (attributes !== undefined) members.push(['attributes', attributes]);
  return objectOf(members);
}

const isException = (event: JsonValue | undefined): boolean =>
  isJsonObject(event) && event['name'] === 'exception';

/** Reduces the attributes of span events: the last first, those of exceptions at the very end. */
export function fitEventAttributes(draft: ClampDraft): void {
  const events = draft.get('events');
  if (!isJsonArray(events)) return;
  const reduced = [...events];
  const last = events.map((_, index) => index).toReversed();
  const order = [
    ...last.filter((index) => !isException(events[index])),
    ...last.filter((index) => isException(events[index])),
  ];
  let { excess } = draft;
  for (const index of order) {
    const event = events[index];
    const attributes = isJsonObject(event) ? event['attributes'] : undefined;
    if (!isJsonObject(event) || attributes === undefined) continue;
    if (excess <= 0) break;
    const bytes = jsonBytes(attributes);
    const fitting = fitValue(attributes, bytes - excess);
    excess -= bytes - (fitting === undefined ? 0 : jsonBytes(fitting));
    reduced[index] = withAttributes(event, fitting);
  }
  draft.set('events', reduced);
}
