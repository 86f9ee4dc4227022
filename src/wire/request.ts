import type { AuditEvent } from '../record/event.ts';
import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import type { Redacted } from '../redact/redactor.ts';
import type { ByteScratch, Piece } from './bytes.ts';
import { createByteScratch, insideText, pieceOf } from './bytes.ts';
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

const MAX_VALUE = 512;
const LIMITS: ReadonlyMap<string, number> = new Map([
  ['event_name', 256],
  ['immutable_trail', 256],
  ['error_message', 500],
]);
const SMALLEST_LIMIT = 256;
const NOTHING = pieceOf('');

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

function limited(key: string, value: string): string {
  return value.length <= SMALLEST_LIMIT ? value : cut(value, LIMITS.get(key) ?? MAX_VALUE);
}

type Meta = Readonly<Record<string, string>>;

/**
 * Writes `meta` as JSON, its values cut to what the ledger takes (the limits that its own clients
 * keep). Cut here and not before: what is cut has been redacted as a whole.
 */
export function metaText(meta: Meta): string {
  const entries = Object.entries(meta).map(([key, value]) => [key, limited(key, value)] as const);
  return canonicalJson(Object.fromEntries(entries));
}

/** Writes what {@link metaText} gives. */
export function writeMeta(out: ByteScratch, meta: Meta): void {
  const order = keyOrder(meta);
  const { sorted } = order;
  const pieces = prefixPieces(order);
  for (let index = 0; index < sorted.length; index += 1) {
    const key = sorted[index] ?? '';
    out.piece(pieces[index] ?? NOTHING);
    out.text(limited(key, meta[key] ?? ''));
  }
  out.ascii(sorted.length === 0 ? '{}' : '}');
}

const sharedPieces = new WeakMap<JsonObject, Piece>();
const NESTED_PAYLOAD_NOTHING = pieceOf('');

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
    out.piece(pieces[index] ?? NESTED_PAYLOAD_NOTHING);
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
    out.piece(pieces[index] ?? NESTED_PAYLOAD_NOTHING);
    writeMember(out, key, payload[key] ?? null);
  }
  out.ascii(sorted.length === 0 ? '{}' : '}');
}

/** The longest `payload` text in UTF-8 bytes that every client of the ledger agrees on. */
export const MAX_PAYLOAD_BYTES = 12_000;

const OPENING = pieceOf('{"payload":"');
const BETWEEN = pieceOf('","meta":');

// One for all: a body is written in one go, and nothing else runs meanwhile.
const scratch = createByteScratch(32_768);

/** Writes a body whose payload certainly fits; `undefined` when it may not. */
function quickBody({ payload, meta }: AuditEvent): Uint8Array | undefined {
  scratch.begin();
  scratch.piece(OPENING);
  const start = scratch.length();
  writePayload(scratch, payload);
  // Escapes only add to a text: what fits with them fits without them.
  if (scratch.length() - start > MAX_PAYLOAD_BYTES) return undefined;
  scratch.piece(BETWEEN);
  writeMeta(scratch, meta);
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
