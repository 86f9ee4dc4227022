import type { JsonObject } from '../record/json.ts';
import { insideText, jsonText } from './json-text.ts';

/** The keys of an object in the order in which they are written. */
export interface KeyOrder {
  /** As the object has them. */
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** For each sorted key what stands before its value: `{"a":`, then `,"b":`. */
  readonly prefixes: readonly string[];
  /** The prefixes as they stand inside a JSON text: `{\"a\":`. */
  readonly nested: readonly string[];
}

const MAX_SHAPES = 512;
const MAX_SHAPES_PER_KEY = 8;
const MAX_CACHED_KEYS = 64;
const byFirstKey = new Map<string, KeyOrder[]>();

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
  return { keys, sorted, prefixes, nested: prefixes.map(insideText) };
}

function keep(first: string, order: KeyOrder): void {
  if (byFirstKey.size >= MAX_SHAPES) byFirstKey.clear();
  const shapes = byFirstKey.get(first);
  if (shapes === undefined) byFirstKey.set(first, [order]);
  else {
    if (shapes.length >= MAX_SHAPES_PER_KEY) shapes.shift();
    shapes.push(order);
  }
}

/**
 * Sorts the keys of an object.
 *
 * Records of one kind have the same keys in the same order, so the last orders seen for each
 * first key are kept; both the number of kept orders and their length are bounded.
 */
export function keyOrder(object: JsonObject): KeyOrder {
  const keys = Object.keys(object);
  const first = keys[0] ?? '';
  const shapes = byFirstKey.get(first);
  if (shapes !== undefined) {
    for (const shape of shapes) if (isSame(shape.keys, keys)) return shape;
  }
  const order = orderOf(keys);
  if (keys.length <= MAX_CACHED_KEYS) keep(first, order);
  return order;
}
