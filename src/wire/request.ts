import type { AuditEvent } from '../record/event.ts';
import type { Redacted } from '../redact/redacted.ts';
import { clampPayload } from './clamp.ts';
import { insideText } from './json-text.ts';
import { metaText } from './meta-text.ts';
import { nestedPayload } from './nested-payload.ts';
import { utf8Length } from './utf8.ts';
import type { WireRequest } from './wire-request.ts';

/** The longest `payload` text in UTF-8 bytes that every client of the ledger agrees on. */
export const MAX_PAYLOAD_BYTES = 12_000;

const MAX_BYTES_PER_UNIT = 3;

function fits(text: string): boolean {
  return (
    text.length * MAX_BYTES_PER_UNIT <= MAX_PAYLOAD_BYTES || utf8Length(text) <= MAX_PAYLOAD_BYTES
  );
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
  const { idempotencyKey, meta, payload } = event;
  const whole = nestedPayload(payload);
  // Escapes only add to a text: what fits with them fits without them.
  const inside = fits(whole)
    ? whole
    : insideText(clampPayload(payload, { sha256Hex, maxBytes: MAX_PAYLOAD_BYTES }));
  const body = `{"payload":"${inside}","meta":${metaText(meta)}}`;
  return {
    idempotencyKey,
    requestId: meta['request_id'] ?? idempotencyKey,
    body,
    bytes: utf8Length(body),
  };
}
