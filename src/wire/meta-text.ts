import { jsonText } from './json-text.ts';
import { keyOrder } from './sorted-keys.ts';

const MAX_VALUE = 512;
const LIMITS: ReadonlyMap<string, number> = new Map([
  ['event_name', 256],
  ['immutable_trail', 256],
  ['error_message', 500],
]);
const SMALLEST_LIMIT = 256;

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

function limited(key: string, value: string): string {
  return value.length <= SMALLEST_LIMIT ? value : cut(value, LIMITS.get(key) ?? MAX_VALUE);
}

/**
 * Writes `meta` as JSON, its values cut to what the ledger takes (the limits that its own clients
 * keep). Cut here and not before: what is cut has been redacted as a whole.
 */
export function metaText(meta: Readonly<Record<string, string>>): string {
  const { sorted, prefixes } = keyOrder(meta);
  if (sorted.length === 0) return '{}';
  let text = '';
  for (let index = 0; index < sorted.length; index += 1) {
    const key = sorted[index] ?? '';
    text += `${prefixes[index] ?? ''}${jsonText(limited(key, meta[key] ?? ''))}`;
  }
  return `${text}}`;
}
