import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { isJsonArray, isSameList } from '../record/json.ts';
import type { Piece } from './bytes.ts';
import { insideText, jsonText, pieceOf } from './bytes.ts';

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
  return isJsonArray(value) ? arrayText(value) : objectText(value);
}

function arrayText(array: JsonArray): string {
  let text = '[';
  for (let index = 0; index < array.length; index += 1) {
    text += index === 0 ? '' : ',';
    text += canonicalJson(array[index] ?? null);
  }
  return `${text}]`;
}

function objectText(object: JsonObject): string {
  const { sorted, prefixes } = keyOrder(object);
  if (sorted.length === 0) return '{}';
  let text = '';
  for (let index = 0; index < sorted.length; index += 1) {
    text += (prefixes[index] ?? '') + canonicalJson(object[sorted[index] ?? ''] ?? null);
  }
  return `${text}}`;
}

/** The keys of an object in the order in which they are written. */
export interface KeyOrder {
  /** As the object has them. */
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** For each sorted key what stands before its value: `{"a":`, then `,"b":`. */
  readonly prefixes: readonly string[];
  /** The prefixes as bytes; asked for by {@link prefixPieces}. */
  pieces: readonly Piece[] | undefined;
  /** The prefixes inside a JSON text as bytes; asked for by {@link nestedPieces}. */
  nested: readonly Piece[] | undefined;
}

const MAX_FIRST_KEYS = 512;
const MAX_ORDERS_PER_KEY = 8;
const MAX_CACHED_KEYS = 64;
const byFirstKey = new Map<string, KeyOrder[]>();

/**
 * Sorts the keys of an object.
 *
 * Records of one kind have the same keys in the same order, so the last orders seen for each
 * first key are kept; both the number of kept orders and their length are bounded.
 */
export function keyOrder(object: JsonObject): KeyOrder {
  const keys = Object.keys(object);
  const first = keys[0] ?? '';
  const known = byFirstKey.get(first);
  if (known !== undefined) {
    for (const order of known) if (isSameList(order.keys, keys)) return order;
  }
  const order = orderOf(keys);
  if (keys.length <= MAX_CACHED_KEYS) keep(first, order);
  return order;
}

function orderOf(keys: readonly string[]): KeyOrder {
  // The default order compares UTF-16 code units, which is the one of RFC 8785, 3.2.3.
  const sorted = keys.toSorted();
  const prefixes = sorted.map((key, index) => `${index === 0 ? '{' : ','}${jsonText(key)}:`);
  return { keys, sorted, prefixes, pieces: undefined, nested: undefined };
}

function keep(first: string, order: KeyOrder): void {
  if (byFirstKey.size >= MAX_FIRST_KEYS) byFirstKey.clear();
  const orders = byFirstKey.get(first);
  if (orders === undefined) byFirstKey.set(first, [order]);
  else {
    if (orders.length >= MAX_ORDERS_PER_KEY) orders.shift();
    orders.push(order);
  }
}

/** What stands before each value, as bytes. */
export function prefixPieces(order: KeyOrder): readonly Piece[] {
  return (order.pieces ??= order.prefixes.map(pieceOf));
}

/** What stands before each value inside a JSON text, as bytes: `{\"a\":`. */
export function nestedPieces(order: KeyOrder): readonly Piece[] {
  return (order.nested ??= order.prefixes.map((prefix) => pieceOf(insideText(prefix))));
}
