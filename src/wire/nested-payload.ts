import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import type { ByteScratch, Piece } from './byte-scratch.ts';
import { pieceOf } from './byte-scratch.ts';
import { canonicalJson } from './canonical-json.ts';
import { insideText } from './json-text.ts';
import { keyOrder, nestedPieces } from './sorted-keys.ts';

const sharedPieces = new WeakMap<JsonObject, Piece>();
const NOTHING = pieceOf('');

function sharedPiece(object: JsonObject): Piece {
  const known = sharedPieces.get(object);
  if (known !== undefined) return known;
  const piece = pieceOf(insideText(canonicalJson(object)));
  sharedPieces.set(object, piece);
  return piece;
}

function isArray(value: JsonArray | JsonObject): value is JsonArray {
  return Array.isArray(value);
}

function writeArray(out: ByteScratch, array: JsonArray): void {
  out.ascii('[');
  for (let index = 0; index < array.length; index += 1) {
    if (index > 0) out.ascii(',');
    writeValue(out, array[index] ?? null);
  }
  out.ascii(']');
}

function writeObject(out: ByteScratch, object: JsonObject): void {
  const order = keyOrder(object);
  const { sorted } = order;
  const pieces = nestedPieces(order);
  for (let index = 0; index < sorted.length; index += 1) {
    out.piece(pieces[index] ?? NOTHING);
    writeValue(out, object[sorted[index] ?? ''] ?? null);
  }
  out.ascii(sorted.length === 0 ? '{}' : '}');
}

function writeValue(out: ByteScratch, value: JsonValue): void {
  if (typeof value === 'string') out.nestedText(value);
  else if (typeof value !== 'object') out.ascii(String(value));
  else if (value === null) out.ascii('null');
  else if (isArray(value)) writeArray(out, value);
  else writeObject(out, value);
}

function writeMember(out: ByteScratch, key: string, value: JsonValue): void {
  const isShared =
    (key === 'resource' || key === 'scope') && typeof value === 'object' && value !== null;
  if (isShared && !isArray(value)) out.piece(sharedPiece(value));
  else writeValue(out, value);
}

/**
 * Writes a payload as canonical JSON in the form that it has between the quotes of the body's
 * `payload`: once, with its escapes, instead of writing it and then reading it again for them.
 *
 * The resource and the scope of a span or a log record are the same objects for many records
 * and never change, so their bytes are made once.
 */
export function writePayload(out: ByteScratch, payload: JsonValue): void {
  if (typeof payload !== 'object' || payload === null || isArray(payload)) {
    writeValue(out, payload);
    return;
  }
  const order = keyOrder(payload);
  const { sorted } = order;
  const pieces = nestedPieces(order);
  for (let index = 0; index < sorted.length; index += 1) {
    const key = sorted[index] ?? '';
    out.piece(pieces[index] ?? NOTHING);
    writeMember(out, key, payload[key] ?? null);
  }
  out.ascii(sorted.length === 0 ? '{}' : '}');
}
