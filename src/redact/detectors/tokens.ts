import { isProse } from './assigned-secrets.ts';
import { continuesWord, isBase64Url, isSpace, runEnd } from './characters.ts';
import type { Detection, Detector } from './detector.ts';
import { mergeDetections } from './detector.ts';

const SCHEMES: readonly string[] = ['bearer', 'basic', 'token', 'dpop', 'apikey'];
/** The schemes again, for the engine to look for all at once. */
const ANY_SCHEME = /(?:bearer|basic|token|dpop|apikey) /iu;
const CREDENTIALS = /[\w.~+/-]{4,}={0,2}/uy;
const LONGEST_SCHEME = 6;

/** Last letters, in lower case, of the schemes above. */
const LAST_LETTERS: ReadonlySet<number> = new Set(
  Array.from('rcnpy', (sign) => sign.charCodeAt(0)),
);

/** Whether the text is base64 of `user:password`, which is what Basic credentials are. */
function isBasicCredential(value: string): boolean {
  const head = value.replace(/=+$/u, '').slice(0, 512);
  const whole = head.length % 4 === 1 ? head.slice(0, -1) : head;
  if (!/^[A-Za-z0-9+/_-]{4,}$/u.test(whole)) return false;
  return atob(whole.replaceAll('-', '+').replaceAll('_', '/')).includes(':');
}

/** Long, and of letters and digits both: no word, no number. */
function isOpaque(value: string): boolean {
  return value.length >= 16 && /\d/u.test(value) && /[a-z]/iu.test(value);
}

function isCredential(scheme: string, value: string): boolean {
  if (scheme === 'bearer' || scheme === 'dpop') return !isProse(value);
  return scheme === 'basic' ? isBasicCredential(value) : isOpaque(value);
}

/** The name of the scheme that ends before the space at `space`, in lower case. */
function schemeBefore(text: string, space: number): string | undefined {
  if (!LAST_LETTERS.has(text.charCodeAt(space - 1) | 32)) return undefined;
  const head = text.slice(Math.max(0, space - LONGEST_SCHEME), space).toLowerCase();
  const scheme = SCHEMES.find((name) => head.endsWith(name));
  return scheme === undefined || continuesWord(text, space - scheme.length) ? undefined : scheme;
}

/**
 * Finds credentials behind the name of their scheme: `Bearer …`, `Basic …` when it decodes to
 * `user:password`, `Token …` when it is opaque. The scheme itself stays readable.
 *
 * Prose such as "bearer token expired" or "basic functionality" is no credential.
 */
export const bearerDetector: Detector = {
  class: 'bearer',
  mayFind: (text) => ANY_SCHEME.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let space = text.indexOf(' ');
    while (space !== -1) {
      const scheme = schemeBefore(text, space);
      let next = space + 1;
      if (scheme !== undefined) {
        const start = runEnd(text, next, isSpace);
        CREDENTIALS.lastIndex = start;
        const value = CREDENTIALS.exec(text)?.[0] ?? '';
        next = start + value.length;
        if (value !== '' && isCredential(scheme, value)) {
          found.push({ start, end: next, class: 'bearer' });
        }
      }
      space = text.indexOf(' ', next);
    }
    return found;
  },
};

/** `{"` in base64url, with which the header of every token of this kind begins. */
const OPENING = 'eyJ';
const SHORTEST_HEADER = 10;
/** The opening with the rest of the shortest header; repeats above three are slow to find. */
const BEGINNING = /eyJ[\w-]{3}[\w-]{3}[\w-]/u;
const DOT = 46;
/** A signed token has three parts, an encrypted one five. */
const MOST_PARTS = 5;

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

/** Offset behind the token that begins at `start`, or `undefined` when none does. */
function tokenEnd(text: string, start: number, ends: readonly number[]): number | undefined {
  const [header = start, claims, signature, , tag] = ends;
  if (claims === undefined || header - start < SHORTEST_HEADER) return undefined;
  if (signature === undefined) return text.startsWith(OPENING, header + 1) ? claims : undefined;
  if (tag !== undefined) return tag;
  return claims > header + 1 ? signature : undefined;
}

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

/** Shapes by the last two letters of their head. */
type HeadIndex = ReadonlyMap<number, KeyShape>;

/** The two signs in front of `end` as one number, which is cheaper to look up than a string. */
function lastLetters(text: string, end: number): number {
  return text.charCodeAt(end - 2) * 65_536 + text.charCodeAt(end - 1);
}

function byLastLetters(shapes: readonly KeyShape[]): HeadIndex {
  return new Map(shapes.map((shape) => [lastLetters(shape.head, shape.head.length), shape]));
}

const BY_UNDERSCORE: HeadIndex = byLastLetters(UNDERSCORED);
const BY_HYPHEN: HeadIndex = byLastLetters(HYPHENATED);

/** The key of this shape that begins at `start`, if one does. */
function keyAt(text: string, start: number, { shape }: KeyShape): Detection | undefined {
  if (start < 0 || continuesWord(text, start)) return undefined;
  shape.lastIndex = start;
  const length = shape.exec(text)?.[0].length ?? 0;
  return length === 0 ? undefined : { start, end: start + length, class: 'key' };
}

function hasHead(text: string, sign: '_' | '-', heads: HeadIndex): boolean {
  let at = text.indexOf(sign);
  while (at !== -1) {
    if (heads.has(lastLetters(text, at))) return true;
    at = text.indexOf(sign, at + 1);
  }
  return false;
}

function findJoined(text: string, sign: '_' | '-', heads: HeadIndex): Detection[] {
  const found: Detection[] = [];
  let at = text.indexOf(sign);
  while (at !== -1) {
    const shape = heads.get(lastLetters(text, at));
    const key = shape === undefined ? undefined : keyAt(text, at - shape.head.length, shape);
    if (key !== undefined) found.push(key);
    at = text.indexOf(sign, key?.end ?? at + 1);
  }
  return found;
}

function findLiteral(text: string, shape: KeyShape): Detection[] {
  const found: Detection[] = [];
  let at = text.indexOf(shape.head);
  while (at !== -1) {
    const key = keyAt(text, at, shape);
    if (key !== undefined) found.push(key);
    at = text.indexOf(shape.head, key?.end ?? at + 1);
  }
  return found;
}

/** Finds API keys by the well-known beginnings their issuers gave them for that purpose. */
export const keyShapeDetector: Detector = {
  class: 'key',
  mayFind: (text) =>
    hasHead(text, '_', BY_UNDERSCORE) || hasHead(text, '-', BY_HYPHEN) || ANY_LITERAL.test(text),
  find(text: string): readonly Detection[] {
    const found = [...findJoined(text, '_', BY_UNDERSCORE), ...findJoined(text, '-', BY_HYPHEN)];
    for (const shape of LITERAL) found.push(...findLiteral(text, shape));
    return mergeDetections(text, found);
  },
};

const BEGIN = '-----BEGIN ';
const LABEL = /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----/uy;

/**
 * Finds private keys in PEM (RFC 7468) and OpenPGP armour, from the first dash to the last. One
 * whose end was cut off reaches to the end of the text.
 */
export const privateKeyDetector: Detector = {
  class: 'key',
  mayFind: (text) => text.includes('BEGIN ') && text.includes(BEGIN),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let start = text.indexOf(BEGIN);
    while (start !== -1) {
      LABEL.lastIndex = start;
      const label = LABEL.exec(text)?.[1];
      let next = start + BEGIN.length;
      if (label !== undefined) {
        const closing = `-----END ${label}-----`;
        const at = text.indexOf(closing, next);
        next = at === -1 ? text.length : at + closing.length;
        found.push({ start, end: next, class: 'key' });
      }
      start = text.indexOf(BEGIN, next);
    }
    return found;
  },
};
