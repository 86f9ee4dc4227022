import { AT, QUOTE, SLASH, isAlphanumeric, isDigit, isSpace } from '../characters.ts';
import type { Detection, Detector } from '../detector.ts';
import { findAtSigns } from '../detector.ts';

const OPENING_BRACKET = 91;
/** Longest login and password that are looked for. */
const WINDOW = 512;

/**
 * Finds the login and password in front of the host of a URL or connection string
 * (`postgres://user:password@host`), without the `@`.
 */
export const userinfoDetector: Detector = {
  class: 'secret',
  mayFind: (text) => text.includes('@') && text.includes('://'),
  find: (text) => findAtSigns(text, '://', userinfoAt),
};

function userinfoAt(text: string, colon: number): Detection | undefined {
  if (!isAlphanumeric(text.charCodeAt(colon - 1))) return undefined;
  const start = colon + '://'.length;
  const end = userinfoEnd(text, start);
  if (end <= start || isNameOfSystem(text, colon, end)) return undefined;
  return { start, end, class: 'secret' };
}

const ACTOR_SCHEME = /(?:^|[^a-z0-9])(?:akka|pekko|spark)(?:\.[a-z]{2,8}){0,2}$/iu;
const LONGEST_ACTOR_SCHEME = 24;

/** Whether the scheme in front of `colon` addresses actors, where a name of the system comes first. */
export function isActorAddress(text: string, colon: number): boolean {
  return ACTOR_SCHEME.test(text.slice(Math.max(0, colon - LONGEST_ACTOR_SCHEME), colon));
}

/** Whether the userinfo in front of `end` is the name of an actor system, without a password. */
export function isNameOfSystem(text: string, colon: number, end: number): boolean {
  return !text.slice(colon + 3, end).includes(':') && isActorAddress(text, colon);
}

/**
 * Offset of the `@` behind the userinfo that begins at `start`, or `-1` when there is none.
 *
 * A password may hold `/`, `?`, `#` or `@` though it should not (RFC 3986 section 3.2.1): when
 * what precedes the first of them is no host with a port, the search goes on behind it.
 */
export function userinfoEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + WINDOW);
  let last = -1;
  let isDecided = false;
  for (let at = start; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    if (isOutside(code)) break;
    if (code === AT) last = at;
    if (isDecided || !endsAuthority(code)) continue;
    if (last !== -1 || !isCutInPassword(text, start, at)) break;
    isDecided = true;
  }
  return last;
}

/** Signs that no userinfo holds, whatever its password. */
function isOutside(code: number): boolean {
  return isSpace(code) || code === QUOTE || code === 60 || code === 62 || code === 96;
}

function endsAuthority(code: number): boolean {
  return code === SLASH || code === 63 || code === 35;
}

/** Whether the authority from `start` to `end` ends in more than a port: in half a password. */
function isCutInPassword(text: string, start: number, end: number): boolean {
  const colon = text.slice(start, end).indexOf(':');
  if (colon === -1 || text.charCodeAt(start) === OPENING_BRACKET) return false;
  for (let at = start + colon + 1; at < end; at += 1) {
    if (!isDigit(text.charCodeAt(at))) return true;
  }
  return false;
}
