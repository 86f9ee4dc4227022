import type { AuditEvent, Signal } from '../record/event.ts';
import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { isJsonArray, isJsonObject } from '../record/json.ts';
import { MAX_META_VALUE, META_FIELDS, PAYLOAD } from '../record/schema.ts';
import type { Redacted } from '../redact/redactor.ts';
import type { Piece } from './bytes.ts';
import { ByteScratch, insideText, pieceOf } from './bytes.ts';
import { canonicalJson, keyOrder, nestedPieces, prefixPieces } from './canonical-json.ts';
import { clampPayload } from './clamp.ts';

/** One event as the encoder makes it; sent with the same bytes on every attempt. */
export interface WireRequest {
  readonly idempotencyKey: string;
  /** `meta.request_id`, sent as `Request-Id` where it is safe as a header. */
  readonly requestId: string;
  /** The whole HTTP body, `{"payload":"…","meta":{…}}`, in UTF-8. */
  readonly body: Uint8Array;
  /** Size of `body` in bytes. */
  readonly bytes: number;
}

/** The longest `payload` text in UTF-8 bytes that every client of the ledger agrees on. */
export const MAX_PAYLOAD_BYTES = 12_000;

/**
 * Turns a redacted event into the request that is sent for it, bytes and key made once.
 *
 * The payload travels as a text inside the JSON body, so that the ledger hashes exactly what
 * was sent.
 */
export function encodeRequest(
  event: Redacted<AuditEvent>,
  sha256Hex: (text: string) => string,
): WireRequest {
  const { idempotencyKey, meta } = event;
  const body = quickBody(event) ?? clampedBody(event, sha256Hex);
  const requestId = meta['request_id'] ?? idempotencyKey;
  return { idempotencyKey, requestId, body, bytes: body.byteLength };
}

const NOTHING = pieceOf('');
const OPENING = pieceOf('{"payload":"');
const BETWEEN = pieceOf('","meta":');

// One for all: a body is written in one go, and nothing else runs meanwhile.
const scratch = new ByteScratch(32_768);

/** Writes a body whose payload certainly fits; `undefined` when it may not. */
function quickBody({ signal, payload, meta }: AuditEvent): Uint8Array | undefined {
  scratch.begin();
  scratch.piece(OPENING);
  const start = scratch.length();
  if (isJsonObject(payload)) writeObject(payload, SHARED[signal]);
  else writeValue(payload);
  // Escapes only add to a text: what fits with them fits without them.
  if (scratch.length() - start > MAX_PAYLOAD_BYTES) return undefined;
  scratch.piece(BETWEEN);
  writeMeta(meta);
  scratch.ascii('}');
  return scratch.finish();
}

function clampedBody(
  { payload, meta }: AuditEvent,
  sha256Hex: (text: string) => string,
): Uint8Array {
  const text = clampPayload(payload, { sha256Hex, maxBytes: MAX_PAYLOAD_BYTES });
  return Buffer.from(`{"payload":"${insideText(text)}","meta":${metaText(meta)}}`);
}

/**
 * Writes canonical JSON in the form that it has between the quotes of the body's `payload`: once,
 * with its escapes, instead of writing it and then reading it again for them.
 */
function writeValue(value: JsonValue): void {
  if (typeof value === 'string') scratch.nestedText(value);
  else if (typeof value !== 'object') scratch.ascii(String(value));
  else if (value === null) scratch.ascii('null');
  else if (isJsonArray(value)) writeArray(value);
  else writeObject(value, NO_FIELDS);
}

function writeArray(array: JsonArray): void {
  scratch.ascii('[');
  for (let index = 0; index < array.length; index += 1) {
    if (index > 0) scratch.ascii(',');
    writeValue(array[index] ?? null);
  }
  scratch.ascii(']');
}

function writeObject(object: JsonObject, shared: ReadonlySet<string>): void {
  const order = keyOrder(object);
  const { sorted } = order;
  const pieces = nestedPieces(order);
  for (let index = 0; index < sorted.length; index += 1) {
    const key = sorted[index] ?? '';
    const value = object[key] ?? null;
    scratch.piece(pieces[index] ?? NOTHING);
    if (isJsonObject(value) && shared.has(key)) scratch.piece(sharedPiece(value));
    else writeValue(value);
  }
  scratch.ascii(sorted.length === 0 ? '{}' : '}');
}

const NO_FIELDS: ReadonlySet<string> = new Set();

/** The fields of each payload whose bytes are made once, because many records share the object. */
const SHARED: Readonly<Record<Signal, ReadonlySet<string>>> = {
  span: sharedFields('span'),
  log: sharedFields('log'),
  direct: sharedFields('direct'),
};

function sharedFields(signal: Signal): ReadonlySet<string> {
  const fields = Object.entries(PAYLOAD[signal].fields ?? {});
  return new Set(fields.filter(([, { shared }]) => shared === true).map(([name]) => name));
}

const sharedPieces = new WeakMap<JsonObject, Piece>();

function sharedPiece(object: JsonObject): Piece {
  const known = sharedPieces.get(object);
  if (known !== undefined) return known;
  const piece = pieceOf(insideText(canonicalJson(object)));
  sharedPieces.set(object, piece);
  return piece;
}

type Meta = Readonly<Record<string, string>>;

/**
 * Writes `meta` as JSON, its values cut to what the ledger takes (the limits that its own clients
 * keep). Cut here and not before: what is cut has been redacted as a whole.
 */
function writeMeta(meta: Meta): void {
  const order = keyOrder(meta);
  const { sorted } = order;
  const pieces = prefixPieces(order);
  for (let index = 0; index < sorted.length; index += 1) {
    const key = sorted[index] ?? '';
    scratch.piece(pieces[index] ?? NOTHING);
    scratch.text(limited(key, meta[key] ?? ''));
  }
  scratch.ascii(sorted.length === 0 ? '{}' : '}');
}

/** What {@link writeMeta} writes, for a body of any size. */
function metaText(meta: Meta): string {
  const entries = Object.entries(meta).map(([key, value]) => [key, limited(key, value)] as const);
  return canonicalJson(Object.fromEntries(entries));
}

const SMALLEST_LIMIT = Math.min(
  ...Array.from(META_FIELDS.values(), ({ limit = MAX_META_VALUE }) => limit),
);

function limited(key: string, value: string): string {
  if (value.length <= SMALLEST_LIMIT) return value;
  const limit = META_FIELDS.get(key)?.limit ?? MAX_META_VALUE;
  if (value.length <= limit) return value;
  const last = value.charCodeAt(limit - 1);
  return value.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}
