import type { AuditEvent } from '../record/event.ts';
import type { Redacted } from '../redact/redacted.ts';
import { createByteScratch, pieceOf } from './byte-scratch.ts';
import { clampPayload } from './clamp.ts';
import { insideText } from './json-text.ts';
import { metaText, writeMeta } from './meta-text.ts';
import { writePayload } from './nested-payload.ts';
import type { WireRequest } from './wire-request.ts';

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
