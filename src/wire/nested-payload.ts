import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { nestedText } from './json-text.ts';
import { keyOrder } from './sorted-keys.ts';

const sharedTexts = new WeakMap<JsonObject, string>();

function isArray(value: JsonArray | JsonObject): value is JsonArray {
  return Array.isArray(value);
}

function arrayText(array: JsonArray): string {
  let text = '[';
  for (let index = 0; index < array.length; index += 1) {
    const value = array[index];
    text += index === 0 ? '' : ',';
    text += value === undefined ? 'null' : valueText(value);
  }
  return `${text}]`;
}

function objectText(object: JsonObject): string {
  const { sorted, nested } = keyOrder(object);
  if (sorted.length === 0) return '{}';
  let text = '';
  for (let index = 0; index < sorted.length; index += 1) {
    const value = object[sorted[index] ?? ''];
    text += `${nested[index] ?? ''}${value === undefined ? 'null' : valueText(value)}`;
  }
  return `${text}}`;
}

function valueText(value: JsonValue): string {
  if (typeof value === 'string') return nestedText(value);
  if (typeof value !== 'object') return String(value);
  if (value === null) return 'null';
  return isArray(value) ? arrayText(value) : objectText(value);
}

function sharedText(object: JsonObject): string {
  const known = sharedTexts.get(object);
  if (known !== undefined) return known;
  const text = objectText(object);
  sharedTexts.set(object, text);
  return text;
}

function memberText(key: string, value: JsonValue): string {
  const isShared =
    (key === 'resource' || key === 'scope') && typeof value === 'object' && value !== null;
  return isShared && !isArray(value) ? sharedText(value) : valueText(value);
}

/**
 * Writes a payload as canonical JSON in the form that it has between the quotes of the body's
 * `payload`: written once, with its escapes, instead of written and then read again for them.
 *
 * The resource and the scope of a span or a log record are the same objects for many records
 * and never change, so their texts are written once.
 */
export function nestedPayload(payload: JsonValue): string {
  if (typeof payload !== 'object' || payload === null || isArray(payload)) {
    return valueText(payload);
  }
  const { sorted, nested } = keyOrder(payload);
  if (sorted.length === 0) return '{}';
  let text = '';
  for (let index = 0; index < sorted.length; index += 1) {
    const key = sorted[index] ?? '';
    const value = payload[key];
    text += `${nested[index] ?? ''}${value === undefined ? 'null' : memberText(key, value)}`;
  }
  return `${text}}`;
}
