import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { jsonText } from './json-text.ts';
import { keyOrder } from './sorted-keys.ts';

function arrayText(array: JsonArray): string {
  let text = '[';
  for (let index = 0; index < array.length; index += 1) {
    const value = array[index];
    text += index === 0 ? '' : ',';
    text += value === undefined ? 'null' : canonicalJson(value);
  }
  return `${text}]`;
}

function objectText(object: JsonObject): string {
  const { sorted, prefixes } = keyOrder(object);
  if (sorted.length === 0) return '{}';
  let text = '';
  for (let index = 0; index < sorted.length; index += 1) {
    const value = object[sorted[index] ?? ''];
    text += `${prefixes[index] ?? ''}${value === undefined ? 'null' : canonicalJson(value)}`;
  }
  return `${text}}`;
}

function isArray(value: JsonArray | JsonObject): value is JsonArray {
  return Array.isArray(value);
}

/**
 * Writes a value as canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no white
 * space, numbers as ECMAScript prints them; so that a hash over it means the same to everyone.
 *
 * The value must be a tree of finite numbers and well-formed texts.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return jsonText(value);
  if (typeof value !== 'object') return String(value);
  if (value === null) return 'null';
  return isArray(value) ? arrayText(value) : objectText(value);
}
