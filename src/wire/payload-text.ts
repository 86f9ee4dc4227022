import type { JsonObject, JsonValue } from '../record/json.ts';
import { canonicalJson, canonicalObject } from './canonical-json.ts';

const sharedTexts = new WeakMap<JsonObject, string>();

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sharedText(object: JsonObject): string {
  const known = sharedTexts.get(object);
  if (known !== undefined) return known;
  const text = canonicalJson(object);
  sharedTexts.set(object, text);
  return text;
}

function memberText(value: JsonValue, key: string): string {
  const isShared = (key === 'resource' || key === 'scope') && isObject(value);
  return isShared ? sharedText(value) : canonicalJson(value);
}

/**
 * Writes the payload of a span or a log record as canonical JSON. Its resource and scope are
 * the same objects for many records and never change, so their texts are written once.
 */
export function payloadText(payload: JsonValue): string {
  return isObject(payload) ? canonicalObject(payload, memberText) : canonicalJson(payload);
}
