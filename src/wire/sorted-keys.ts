import type { JsonObject } from '../record/json.ts';
import { jsonText } from './json-text.ts';

/** The keys of an object in the order in which they are written. */
export interface KeyOrder {
  /** As the object has them. */
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** For each sorted key what stands before its value: `{"a":`, then `,"b":`. */
  readonly prefixes: readonly string[];
}

const MAX_SHAPES = 512;
const MAX_CACHED_KEYS = 64;
const byFirstKey = new Map<string, KeyOrder>();

function isSame(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}

function orderOf(keys: readonly string[]): KeyOrder {
  // The default order compares UTF-16 code units, which is the one of RFC 8785, 3.2.3.
  const sorted = keys.toSorted();
  const prefixes = sorted.map((key, index) => `${index === 0 ? '{' : ','}${jsonText(key)}:`);
  return { keys, sorted, prefixes };
}

/**
 * Sorts the keys of an object.
 *
 * Records of one kind have the same keys in the same order, so the last order seen for each
 * first key is kept; both the number of kept orders and their length are bounded.
 */
export function keyOrder(object: JsonObject): KeyOrder {
  const keys = Object.keys(object);
  const first = keys[0] ?? '';
  const known = byFirstKey.get(first);
  if (known !== undefined && isSame(known.keys, keys)) return known;
  const order = orderOf(keys);
  if (keys.length > MAX_CACHED_KEYS) return order;
  if (byFirstKey.size >= MAX_SHAPES) byFirstKey.clear();
  byFirstKey.set(first, order);
  return order;
}
