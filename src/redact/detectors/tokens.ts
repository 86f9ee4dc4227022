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
} from './characters.ts';
import type { Detection, Detector } from './detector.ts';
import { findAtSigns, mergeDetections } from './detector.ts';

/**
 * Finds credentials behind the name of their scheme: `Bearer …`, `Basic …` when it decodes to
 * `user:password`, `Token …` when it is opaque. The scheme itself stays readable.
 *
 * Prose such as "bearer token expired" or "basic functionality" is no credential.
 */
export const bearerDetector: Detector = {
  class: 'bearer',
  mayFind: (text) => ANY_SCHEME.test(text),
  find: (text) => findAtSigns(text, ' ', bearerAt),
};

const SCHEMES: readonly string[] = ['bearer', 'basic', 'token', 'dpop', 'apikey'];
/** The schemes again, for the engine to look for all at once. */
const ANY_SCHEME = /(?:bearer|basic|token|dpop|apikey) /iu;
const LONGEST_SCHEME = 6;
const CREDENTIALS = /[\w.~+/-]{4,}={0,2}/uy;

/** Last letters, in lower case, of the schemes above. */
const LAST_OF_SCHEME: ReadonlySet<number> = codesOf('rcnpy');

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
  const [whole, value] = execAt(ONE_WORD, text, start) ?? execAt(NO_SCHEME, text, start) ?? [''];
  if (whole === '' || (value !== undefined && isProse(value))) return undefined;
  const end = start + whole.length;
  return { start: end - (value ?? whole).length, end, class: 'bearer' };
}

/** Schemes whose credentials are one word. */
const ONE_WORD = /(?:bearer|basic|token|dpop|apikey|api-key)[ \t]{1,8}([^\s"'`,;{}<>\\]+)/iuy;

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
      const end = tokenEnd(text, start, ends);
      if (end !== undefined) found.push({ start, end, class: 'jwt' });
      start = text.indexOf(OPENING, end ?? ends[0]);
    }
    return found;
  },
};

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

/** A key format known by how it begins. All shapes are sticky: each is tried at one place. */
interface KeyShape {
  /** What stands in front of its first `_`, `-`, or is its beginning where it has neither. */
  readonly head: string;
  readonly shape: RegExp;
}

const UNDERSCORED: readonly KeyShape[] = [
  { head: 'iml', shape: /iml_(?:live|test)_[\w-]{8,}/uy },
  { head: 'sk', shape: /sk_(?:live|test)_\w{10,}/uy },
  { head: 'rk', shape: /rk_(?:live|test)_\w{10,}/uy },
  { head: 'whsec', shape: /whsec_[\w+/=]{16,}/uy },
  ...['gho', 'ghp', 'ghr', 'ghs', 'ghu'].map((head) => ({
    head,
    shape: /gh\w_[A-Za-z0-9]{20,}/uy,
  })),
  { head: 'github', shape: /github_pat_\w{20,}/uy },
  { head: 'npm', shape: /npm_[A-Za-z0-9]{30,}/uy },
];

const HYPHENATED: readonly KeyShape[] = [
  { head: 'glpat', shape: /glpat-[\w-]{16,}/uy },
  { head: 'GOCSPX', shape: /GOCSPX-[\w-]{20,}/uy },
  { head: 'sk', shape: /sk-(?=[\w-]{0,64}\d)[\w-]{20,}/uy },
  ...['xoxa', 'xoxb', 'xoxe', 'xoxo', 'xoxp', 'xoxr', 'xoxs'].map((head) => ({
    head,
    shape: /xox\w-[\w-]{10,}/uy,
  })),
];

const LITERAL: readonly KeyShape[] = [
  { head: 'AKIA', shape: /AKIA[A-Z2-7]{16}(?![A-Za-z0-9])/uy },
  { head: 'ASIA', shape: /ASIA[A-Z2-7]{16}(?![A-Za-z0-9])/uy },
  { head: 'AIza', shape: /AIza[\w-]{30,}/uy },
  { head: 'SG.', shape: /SG\.[\w-]{16,}\.[\w-]{16,}/uy },
];

/** The heads that stand alone again, for the engine to look for all at once. */
const ANY_LITERAL = /A[KS]IA|AIza|SG\./u;

/** Finds API keys by the well-known beginnings their issuers gave them for that purpose. */
export const keyShapeDetector: Detector = {
  class: 'key',
  mayFind: (text) =>
    hasHead(text, '_', BY_UNDERSCORE) || hasHead(text, '-', BY_HYPHEN) || ANY_LITERAL.test(text),
  find(text: string): readonly Detection[] {
    const found = [...findJoined(text, '_', BY_UNDERSCORE), ...findJoined(text, '-', BY_HYPHEN)];
    for (const shape of LITERAL) {
      found.push(...findAtSigns(text, shape.head, (_text, at) => keyAt(text, at, shape)));
    }
    return mergeDetections(text, found);
  },
};

/** Shapes by the last two letters of their head. */
type HeadIndex = ReadonlyMap<number, KeyShape>;

/** The two signs in front of `end` as one number, which is cheaper to look up than a string. */
function lastTwo(text: string, end: number): number {
  return text.charCodeAt(end - 2) * 65_536 + text.charCodeAt(end - 1);
}

function byLastTwo(shapes: readonly KeyShape[]): HeadIndex {
  return new Map(shapes.map((shape) => [lastTwo(shape.head, shape.head.length), shape]));
}

const BY_UNDERSCORE: HeadIndex = byLastTwo(UNDERSCORED);
const BY_HYPHEN: HeadIndex = byLastTwo(HYPHENATED);

function hasHead(text: string, sign: '_' | '-', heads: HeadIndex): boolean {
  let at = text.indexOf(sign);
  while (at !== -1) {
    if (heads.has(lastTwo(text, at))) return true;
    at = text.indexOf(sign, at + 1);
  }
  return false;
}

function findJoined(text: string, sign: '_' | '-', heads: HeadIndex): readonly Detection[] {
  return findAtSigns(text, sign, (_text, at) => {
    const shape = heads.get(lastTwo(text, at));
    return shape === undefined ? undefined : keyAt(text, at - shape.head.length, shape);
  });
}

/** The key of this shape that begins at `start`, if one does. */
function keyAt(text: string, start: number, { shape }: KeyShape): Detection | undefined {
  if (start < 0 || continuesWord(text, start)) return undefined;
  const { length } = matchAt(shape, text, start);
  return length === 0 ? undefined : { start, end: start + length, class: 'key' };
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
