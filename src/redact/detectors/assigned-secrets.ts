import {
  BACKSLASH,
  DOT,
  EQUALS,
  HYPHEN,
  QUOTE,
  SLASH,
  UNDERSCORE,
  isAlphanumeric,
  isDigit,
  isLetter,
  isOpaque,
  isSpace,
} from './characters.ts';
import type { Detection, Detector } from './detector.ts';
import { findAtSigns, mergeDetections } from './detector.ts';

/**
 * Finds secrets by the name they are assigned to: `password=…`, `"client_secret": "…"`,
 * `DB_PASSWORD: …`, `cookie: sid=…`. The name stays readable.
 *
 * Placeholders (`${PASSWORD}`, `?`, `***`) and prose ("password: must not be empty") are none. A
 * plain `token`, `cookie`, `pass` or `pin` needs a value with letters and digits.
 */
export const assignmentDetector: Detector = {
  class: 'secret',
  mayFind: (text) => hasName(text, ':') || hasName(text, '='),
  find(text: string): readonly Detection[] {
    const found = [...findAtSigns(text, ':', secretAt), ...findAtSigns(text, '=', secretAt)];
    return mergeDetections(text, found);
  },
};

function hasName(text: string, sign: ':' | '='): boolean {
  let at = text.indexOf(sign);
  while (at !== -1) {
    if (nameEnd(text, at) !== -1) return true;
    at = text.indexOf(sign, at + 1);
  }
  return false;
}

/** How names end that stand for a secret, written without separators and in lower case. */
const SECRET_NAME =
  /(?:password|passwd|passphrase|passcode|pwd|senha|secret|secretkey|secretaccesskey|accesskey|apikey|privatekey|authkey|accountkey|sharedaccesskey|encryptionkey|signingkey|credential|credentials|sessionid|sessid|sessiontoken|authtoken|accesstoken|refreshtoken|idtoken|csrftoken|xsrftoken|securitytoken|apitoken|bearertoken|usertoken|resettoken|cvv|cvc)$/u;

/** Names that are too common in prose to be trusted with any value. */
const COMMON_NAME = /(?:token|cookie|pin|pass)$/u;

/** As much of a value is looked at to tell a secret from prose; keeps refusals cheap. */
const LONGEST_HEAD = 64;
/** Characters of an opaque value behind such a name. */
const SHORTEST_COMMON = 8;

/** The secret assigned by the sign at `at`, if the name in front of it says that it is one. */
function secretAt(text: string, at: number): Detection | undefined {
  const name = nameBefore(text, at);
  if (name === '') return undefined;
  const isSecretName = SECRET_NAME.test(name);
  if (!isSecretName && !COMMON_NAME.test(name)) return undefined;
  const opening = openValue(text, at);
  const head = text.slice(opening.start, opening.start + LONGEST_HEAD);
  const value = head.slice(0, valueEnd(head, 0, opening));
  if (isSecretName ? isHarmless(value) : !isOpaque(value, SHORTEST_COMMON)) return undefined;
  return { start: opening.start, end: valueEnd(text, opening.start, opening), class: 'secret' };
}

const LONGEST_NAME = 40;
const MOST_SPACES = 4;

/** The name in front of the sign at `at`, in lower case and without separators. */
function nameBefore(text: string, at: number): string {
  const end = nameEnd(text, at);
  if (end === -1) return '';
  let start = end;
  while (end - start < LONGEST_NAME && isNamePart(text.charCodeAt(start - 1))) start -= 1;
  return text.slice(start, end).replace(/[-_.]/gu, '').toLowerCase();
}

function isNamePart(code: number): boolean {
  return isAlphanumeric(code) || code === UNDERSCORE || code === HYPHEN || code === DOT;
}

/** Where the name in front of the sign at `at` ends; `-1` for one that stands for no secret. */
function nameEnd(text: string, at: number): number {
  const before = text.charCodeAt(at - 1);
  if (isDigit(before) || before === SLASH) return -1;
  const end = isLetter(before) ? at : skipToName(text, at);
  return isLetter(text.charCodeAt(end - 1)) && LAST_OF_NAMES.has(lastThree(text, end)) ? end : -1;
}

/** The last letters of all these names; they rule out most names at once. */
const LAST_OF_NAMES: ReadonlySet<number> = new Set(
  'ord swd ase ode pwd nha ret key ial als nid sid ken cvv cvc kie pin ass'
    .split(' ')
    .map((letters) => lastThree(letters, 3)),
);

/** The three signs in front of `end` as one number, which is cheaper to look up than a string. */
function lastThree(text: string, end: number): number {
  return (lowerAt(text, end - 3) << 14) | (lowerAt(text, end - 2) << 7) | lowerAt(text, end - 1);
}

/** An ASCII letter in lower case; any other sign as itself or, beyond ASCII, as 0. */
function lowerAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? code | 32 : 0;
}

/** Where a name ends that has signs between it and its value; may be no name at all. */
function skipToName(text: string, at: number): number {
  let end = at;
  while (at - end < MOST_SPACES && isSpace(text.charCodeAt(end - 1))) end -= 1;
  if (isQuote(text.charCodeAt(end - 1))) end -= 1;
  return text.charCodeAt(end - 1) === BACKSLASH ? end - 1 : end;
}

/** Where a value begins and what ends it. */
interface ValueOpening {
  readonly start: number;
  /** The quote it stands in; 0 for none. */
  readonly quote: number;
  /** Whether that quote is itself written with a backslash, as in JSON inside a string. */
  readonly escaped: boolean;
}

/** How the value behind the sign at `at` begins. */
function openValue(text: string, at: number): ValueOpening {
  let start = at + 1;
  if (text.charCodeAt(start) === 62 || text.charCodeAt(start) === EQUALS) start += 1;
  const floor = start;
  while (start - floor < MOST_SPACES && isSpace(text.charCodeAt(start))) start += 1;
  const escaped = text.charCodeAt(start) === BACKSLASH && isQuote(text.charCodeAt(start + 1));
  if (escaped) start += 1;
  const quote = text.charCodeAt(start);
  return isQuote(quote) ? { start: start + 1, quote, escaped } : { start, quote: 0, escaped };
}

/** Offset behind a value: its closing quote, or the first sign that ends an unquoted one. */
function valueEnd(text: string, start: number, { quote, escaped }: ValueOpening): number {
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    const isBackslash = quote !== 0 && code === BACKSLASH;
    if (isBackslash && escaped) break;
    if (quote === 0 ? isBareEnd(code) : code === quote || code === 10) break;
    end += isBackslash ? 2 : 1;
  }
  return Math.min(end, text.length);
}

function isBareEnd(code: number): boolean {
  if (isSpace(code) || isQuote(code)) return true;
  return code === 59 || code === 38 || code === 44 || code === 125;
}

function isQuote(code: number): boolean {
  return code === QUOTE || code === 39 || code === 96;
}

/** Placeholders, masks and words of prose give nothing away. */
function isHarmless(value: string): boolean {
  if (/^(?:[*•xX.?#-]+|[<[{($%:@].*|\W?)$/su.test(value)) return true;
  return PROSE.has(/^[a-z]+(?=[^a-z0-9]{0,3}$)/u.exec(value.toLowerCase())?.[0] ?? '');
}

/** What stands behind the name of a secret when it is talked about. */
const PROSE: ReadonlySet<string> = new Set(
  (
    'a an and any are at be been but by can cannot changed contains correct could does empty ' +
    'expected expires expired fail failed false field for from has have hidden if in incorrect ' +
    'invalid is it length masked mismatch missing must needs new nil no none not null ' +
    'ok omitted on only optional or provided redacted required reset rotated set should string ' +
    'that the this to too true undefined unknown unset updated use valid was weak were will wrong your'
  ).split(' '),
);
