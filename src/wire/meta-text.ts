import type { ByteScratch } from './byte-scratch.ts';
import { pieceOf } from './byte-scratch.ts';
import { canonicalJson } from './canonical-json.ts';
import { keyOrder, prefixPieces } from './sorted-keys.ts';

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
