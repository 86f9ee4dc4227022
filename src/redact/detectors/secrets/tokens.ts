import {
  DOT,
  codesOf,
  continuesWord,
  execAt,
  isBase64Url,
  isOpaque,
  isSpace,
  matchAt,
  runEnd,
} from '../characters.ts';
import type { Detection, Detector } from '../detector.ts';
import { findAtSigns } from '../detector.ts';
import { isOpenBefore } from './assigned-secrets.ts';

/**
 * Finds credentials behind the name of their scheme: `Bearer …`, `Basic …` when it decodes to
 * `user:password`, `Token …` when it is opaque. The scheme itself stays readable.
 *
 * Prose such as "bearer token expired" or "basic functionality" is no credential.
 */
export const bearerDetector: Detector = {
  class: 'bearer',
  mayFind: hasScheme,
  find: (text) => findAtSigns(text, ' ', bearerAt),
};

const SCHEMES: readonly string[] = ['bearer', 'basic', 'token', 'dpop', 'apikey'];
const LONGEST_SCHEME = 6;
const CREDENTIALS = /[\w.~+/-]{4,}={0,2}/uy;

/** Last letters, in lower case, of the schemes above. */
const LAST_OF_SCHEME: ReadonlySet<number> = codesOf('rcnpy');

function hasScheme(text: string): boolean {
  for (let space = text.indexOf(' '); space !== -1; space = text.indexOf(' ', space + 1)) {
    if (schemeBefore(text, space) !== undefined) return true;
  }
  return false;
}

/** The credentials behind the name of a scheme that ends before the space at `space`. */
function bearerAt(text: string, space: number): Detection | undefined {
  const scheme = schemeBefore(text, space);
  if (scheme === undefined) return undefined;
  const start = runEnd(text, space, isSpace);
  const value = matchAt(CREDENTIALS, text, start);
  if (value === '' || !isCredential(scheme, value)) return undefined;
  return { start, end: start + value.length, class: 'bearer' };
}

/** The name of the scheme that ends before the space at `space`, in lower case. */
function schemeBefore(text: string, space: number): string | undefined {
  if (!LAST_OF_SCHEME.has(text.charCodeAt(space - 1) | 32)) return undefined;
  const head = text.slice(Math.max(0, space - LONGEST_SCHEME), space).toLowerCase();
  const scheme = SCHEMES.find((name) => head.endsWith(name));
  return scheme === undefined || continuesWord(text, space - scheme.length) ? undefined : scheme;
}

function isCredential(scheme: string, value: string): boolean {
  if (scheme === 'bearer' || scheme === 'dpop') return !isProse(value);
  return scheme === 'basic' ? isBasicCredential(value) : isOpaque(value, SHORTEST_TOKEN);
}

const SHORTEST_TOKEN = 16;

/** Whether the text is base64 of `user:password`, which is what Basic credentials are. */
function isBasicCredential(value: string): boolean {
  const head = value.replace(/=+$/u, '').slice(0, 512);
  const whole = head.length % 4 === 1 ? head.slice(0, -1) : head;
  if (!/^[A-Za-z0-9+/_-]{4,}$/u.test(whole)) return false;
  return atob(whole.replaceAll('-', '+').replaceAll('_', '/')).includes(':');
}

/**
 * Finds whatever stands in an `authorization:` line, as a header, an object field or an
 * environment variable (RFC 9110 section 11.6.2). The scheme itself stays readable.
 */
export const authorizationDetector: Detector = {
  class: 'bearer',
  mayFind: isNamed,
  find(text: string): readonly Detection[] {
    if (!isNamed(text)) return [];
    const found: Detection[] = [];
    for (const match of text.matchAll(HEADER)) {
      const start = match.index + match[0].length;
      if (start < (found.at(-1)?.end ?? 0)) continue;
      const credentials = credentialsAt(text, start, match[1] ?? '');
      if (credentials !== undefined) found.push(credentials);
    }
    return found;
  },
};

/**
 * Whether the header is named, in one of the ways that people and programs write it. Its end is
 * looked for first because it begins with a rare letter.
 */
function isNamed(text: string): boolean {
  return (
    (text.includes('zation') && text.includes('uthorization')) ||
    (text.includes('ZATION') && text.includes('UTHORIZATION'))
  );
}

/** An Authorization line, as a header, an object field or an environment variable. */
const HEADER = /authorization\\?["']?[ \t]{0,8}[:=][ \t]{0,8}\\?(["']?)/giu;

/** The credentials in an Authorization line whose value begins at `start`. */
function credentialsAt(text: string, start: number, quote: string): Detection | undefined {
  const scheme = matchAt(MANY_WORDS, text, start);
  if (scheme !== '') {
    const from = start + scheme.length;
    const end = lineEnd(text, from, quote);
    return end === from ? undefined : { start: from, end, class: 'bearer' };
  }
  const known = execAt(ONE_WORD, text, start);
  if (known !== null)
    return known[1] === undefined || isProse(known[1]) ? undefined : behind(text, start, known);
  const other = execAt(ANY_WORD, text, start);
  if (other !== null && isOpaque(other[1] ?? '', SHORTEST_OTHER)) return behind(text, start, other);
  const bare = matchAt(NO_SCHEME, text, start);
  return bare === '' ? undefined : { start, end: start + bare.length, class: 'bearer' };
}

/** The credentials that a match ends with, without a sign that closes what is around the header. */
function behind(text: string, start: number, [whole, value = '']: RegExpExecArray): Detection {
  const end = start + whole.length;
  const last = text.charAt(end - 1);
  const closes = last === '|' || (')]'.includes(last) && isOpenBefore(text, start, last));
  return { start: end - value.length, end: closes ? end - 1 : end, class: 'bearer' };
}

const VALUE = '([^\\s"\'`,;{}<>\\\\”’»」）←]+)';
/** Schemes whose credentials are one word. */
const ONE_WORD = new RegExp(`(?:bearer|basic|token|dpop|apikey|api-key)[ \\t]{1,8}${VALUE}`, 'iuy');

/** Any other scheme, of which the credentials show by their letters and digits. */
const ANY_WORD = new RegExp(`[a-z][\\w-]{1,32}[ \\t]{1,8}(?:[a-z_]{1,24}=)?${VALUE}`, 'iuy');
const SHORTEST_OTHER = 8;

/** Schemes whose credentials are a list of parameters. */
const MANY_WORDS =
  /(?:digest|negotiate|ntlm|hawk|oauth|mac|signature|hmac|sharedkey|aws4-hmac-sha256)[ \t]{1,8}(?=\S)/iuy;

/** Credentials without a scheme. */
const NO_SCHEME = /(?=[\w.~+/=-]{0,64}\d)[\w.~+/=-]{8,}/uy;

/** Offset where a list of parameters ends: the closing quote, else the end of the line. */
function lineEnd(text: string, from: number, quote: string): number {
  let end = from;
  while (end < text.length) {
    const sign = text.charAt(end);
    if (sign === '\n' || sign === '\r' || (quote !== '' && sign === quote)) break;
    end += 1;
  }
  return end;
}

/** What people write behind the name of a scheme when no token follows. */
const PROSE: ReadonlySet<string> = new Set(
  (
    'auth authentication authorization authorisation challenge credential credentials error ' +
    'expired flow format from grant has have header headers invalid means method missing must ' +
    'only prefix realm required scheme schemes security that then this token tokens type types ' +
    'usage value values were when which will with without'
  ).split(' '),
);

/** Whether what follows the name of a scheme is a word about credentials, not one of them. */
function isProse(value: string): boolean {
  const word = /^[a-z]+/u.exec(value.toLowerCase())?.[0] ?? '';
  return PROSE.has(word) && !/[\d_]/u.test(value);
}

/** `{"` in base64url, with which the header of every token of this kind begins. */
const OPENING = 'eyJ';
const SHORTEST_HEADER = 10;
/** The opening with the rest of the shortest header; repeats above three are slow to find. */
const BEGINNING = /eyJ[\w-]{3}[\w-]{3}[\w-]/u;
/** A signed token has three parts, an encrypted one five. */
const MOST_PARTS = 5;

/**
 * Finds JSON Web Tokens (RFC 7519), signed, unsigned and encrypted.
 *
 * One that was cut off in its second part is a token still when that part begins like a JSON
 * object; a lone base64 object is none.
 */
export const jwtDetector: Detector = {
  class: 'jwt',
  mayFind: (text) => text.includes('J') && BEGINNING.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let start = text.indexOf(OPENING);
    while (start !== -1) {
      const ends = partEnds(text, start);
      const end = withoutArrow(text, tokenEnd(text, start, ends));
      if (end !== undefined) found.push({ start, end, class: 'jwt' });
      start = text.indexOf(OPENING, end ?? ends[0]);
    }
    return found;
  },
};

/** The dash of an arrow (`->`) behind a token is no part of it. */
function withoutArrow(text: string, end: number | undefined): number | undefined {
  return end !== undefined && text.startsWith('->', end - 1) ? end - 1 : end;
}

/** Offset behind the token that begins at `start`, or `undefined` when none does. */
function tokenEnd(text: string, start: number, ends: readonly number[]): number | undefined {
  const [header = start, claims, signature, , tag] = ends;
  if (claims === undefined || header - start < SHORTEST_HEADER) return undefined;
  if (signature === undefined) return text.startsWith(OPENING, header + 1) ? claims : undefined;
  if (tag !== undefined) return tag;
  return claims > header + 1 ? signature : undefined;
}

/** Offsets behind the parts that begin at `start` and are joined by dots. */
function partEnds(text: string, start: number): readonly number[] {
  const ends: number[] = [];
  let end = start - 1;
  do {
    end = runEnd(text, end + 1, isBase64Url);
    ends.push(end);
  } while (ends.length < MOST_PARTS && text.charCodeAt(end) === DOT);
  return ends;
}

const BEGIN = '-----BEGIN ';
const LABEL = /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----/uy;

/**
 * Finds private keys in PEM (RFC 7468) and OpenPGP armour, from the first dash to the last. One
 * whose end was cut off reaches to the end of the text.
 */
export const privateKeyDetector: Detector = {
  class: 'key',
  mayFind: (text) => text.includes('BEGIN ') && text.includes(BEGIN),
  find: (text) => findAtSigns(text, BEGIN, privateKeyAt),
};

function privateKeyAt(text: string, start: number): Detection | undefined {
  const label = execAt(LABEL, text, start)?.[1];
  if (label === undefined) return undefined;
  const closing = `-----END ${label}-----`;
  const at = text.indexOf(closing, start + BEGIN.length);
  return { start, end: at === -1 ? text.length : at + closing.length, class: 'key' };
}
