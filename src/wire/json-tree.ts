import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { canonicalJson } from './canonical-json.ts';
import { utf8Length } from './utf8.ts';

/** Bytes that a value takes as canonical JSON. */
export function jsonBytes(value: JsonValue): number {
  return utf8Length(canonicalJson(value));
}

/** Bytes that a member takes in an object, without the comma. */
export function memberBytes(key: string, value: JsonValue): number {
  return jsonBytes(key) + 1 + jsonBytes(value);
}

/** Whether a value is an array. */
export function isJsonArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

/** Whether a value is an object. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is an object or an array without anything in it. */
export function isEmpty(value: JsonValue): boolean {
  if (isJsonArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}

/** Makes an object; also a key like `__proto__` becomes a property of its own. */
export function objectOf(members: Iterable<readonly [string, JsonValue]>): JsonObject {
  return Object.fromEntries(members);
}

/** Calls a function for each text of a tree, with the key under which it stands. */
export function visitTexts(
  value: JsonValue,
  key: string,
  visit: (text: string, key: string) => void,
): void {
  if (typeof value === 'string') visit(value, key);
  else if (isJsonArray(value)) for (const item of value) visitTexts(item, key, visit);
  else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) visitTexts(member, name, visit);
  }
}

/** Copies a tree with each text replaced by what a function gives for it. */
export function mapTexts(
  value: JsonValue,
  key: string,
  replace: (text: string, key: string) => string,
): JsonValue {
  if (typeof value === 'string') return replace(value, key);
  if (isJsonArray(value)) return value.map((item) => mapTexts(item, key, replace));
  if (!isJsonObject(value)) return value;
  return objectOf(
    Object.entries(value).map(([name, member]) => [name, mapTexts(member, name, replace)]),
  );
}
