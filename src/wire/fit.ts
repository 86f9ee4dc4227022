import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { MIN_CUT_BYTES, cutMarked } from './cut-marked.ts';
import {
  isEmpty,
  isJsonArray,
  isJsonObject,
  jsonBytes,
  memberBytes,
  objectOf,
} from './json-tree.ts';

const QUOTES = 2;
const BRACKETS = 2;
const COMMA = 1;
// With less room an item would lose what it is about, such as the ids of a link.
const MIN_PART_BYTES = 256;

function fitText(text: string, maxBytes: number): string | undefined {
  const room = maxBytes - QUOTES;
  return room < MIN_CUT_BYTES ? undefined : cutMarked(text, room);
}

/** Keeps items from the front; the first that is too long is reduced to the room left. */
function fitArray(array: JsonArray, maxBytes: number): JsonArray {
  const kept: JsonValue[] = [];
  let room = maxBytes - BRACKETS;
  for (const item of array) {
    const bytes = jsonBytes(item) + COMMA;
    if (bytes > room) {
      const part = room < MIN_PART_BYTES ? undefined : fitValue(item, room - COMMA);
      return part === undefined ? kept : [...kept, part];
    }
    kept.push(item);
    room -= bytes;
  }
  return kept;
}

interface Member {
  readonly key: string;
  readonly value: JsonValue;
  readonly bytes: number;
}

/** The smaller goes first; of two alike the one that sorts first, so that the result is fixed. */
function bySize(left: Member, right: Member): number {
  return left.bytes - right.bytes || (left.key < right.key ? -1 : 1);
}

/** Keeps the smallest members; the first that is too long is reduced to the room left. */
function fitObject(object: JsonObject, maxBytes: number): JsonObject {
  const members = Object.entries(object)
    .map(([key, value]): Member => ({ key, value, bytes: memberBytes(key, value) + COMMA }))
    .sort(bySize);
  const kept: [string, JsonValue][] = [];
  let room = maxBytes - BRACKETS;
  for (const { key, value, bytes } of members) {
    const rest = room - (bytes - jsonBytes(value));
    const fitting = bytes <= room ? value : fitValue(value, rest);
    if (fitting !== undefined) kept.push([key, fitting]);
    if (bytes > room) break;
    room -= bytes;
  }
  return objectOf(kept);
}

/**
 * Reduces a value to a number of bytes of canonical JSON: long texts are cut, arrays lose
 * their end, objects their largest members. Nothing is changed that fits.
 *
 * @returns `undefined` when nothing worth keeping fits.
 */
export function fitValue(value: JsonValue, maxBytes: number): JsonValue | undefined {
  if (maxBytes < BRACKETS) return undefined;
  if (jsonBytes(value) <= maxBytes) return value;
  if (typeof value === 'string') return fitText(value, maxBytes);
  let reduced: JsonValue | undefined;
  if (isJsonArray(value)) reduced = fitArray(value, maxBytes);
  else if (isJsonObject(value)) reduced = fitObject(value, maxBytes);
  return reduced === undefined || isEmpty(reduced) ? undefined : reduced;
}
