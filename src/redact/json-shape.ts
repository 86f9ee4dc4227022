import { bareObject, type JsonObjectDraft } from '../record/bare-object.ts';
import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';

/** Whether a JSON value is a list. */
export function isJsonArray(value: JsonValue): value is JsonArray {
  return Array.isArray(value);
}

/** Whether a JSON value is an object and not a list. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of the entries that come before the key `until`. */
export function copyUntil<Value extends JsonValue>(
  source: Readonly<Record<string, Value>>,
  until: string,
): JsonObjectDraft<Value> {
  const copy = bareObject<Value>();
  for (const key of Object.keys(source)) {
    if (key === until) break;
    const value = source[key];
    if (value !== undefined) copy[key] = value;
  }
  return copy;
}
