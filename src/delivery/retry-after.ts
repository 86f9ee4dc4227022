import { parseHttpDate } from '../runtime/http-date.ts';

/** Longest time for which a server's `Retry-After` is heeded, in ms. */
export const MAX_RETRY_AFTER_MS: number = 15 * 60 * 1000;

/**
 * Reads a `Retry-After` header (RFC 9110, 10.2.3): seconds or an HTTP date.
 *
 * @param header - as received; `undefined` when absent
 * @param wallTime - ms since the epoch, to measure a date against
 * @returns ms, never negative and not yet clamped; `undefined` when absent or unreadable
 */
export function parseRetryAfter(header: string | undefined, wallTime: number): number | undefined {
  const text = header?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = parseHttpDate(text);
  return at === undefined ? undefined : Math.max(0, at - wallTime);
}

/** The part of a `Retry-After` that is heeded: [0, 15 min]. */
export function clampRetryAfter(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
