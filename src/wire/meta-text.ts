import { canonicalJson } from './canonical-json.ts';

const MAX_VALUE = 512;
const LIMITS: ReadonlyMap<string, number> = new Map([
  ['event_name', 256],
  ['immutable_trail', 256],
  ['error_message', 500],
]);

type Meta = Readonly<Record<string, string>>;

function cut(text: string, limit: number): string {
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

function isTooLong(key: string, value: string): boolean {
  return value.length > 256 && value.length > (LIMITS.get(key) ?? MAX_VALUE);
}

function limited(meta: Meta): Meta {
  const entries = Object.entries(meta);
  if (!entries.some(([key, value]) => isTooLong(key, value))) return meta;
  return Object.fromEntries(
    entries.map(([key, value]) => [key, cut(value, LIMITS.get(key) ?? MAX_VALUE)]),
  );
}

/**
 * Writes `meta` as JSON, its values cut to what the ledger takes (the limits that its own clients
 * keep). Cut here and not before: what is cut has been redacted as a whole.
 */
export function metaText(meta: Meta): string {
  return canonicalJson(limited(meta));
}
