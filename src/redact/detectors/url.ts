/**
 * Redacts URLs and leaves them readable as URLs.
 *
 * - Userinfo goes; the host stays; path segments are decoded and scanned.
 * - Names of the query stay, its values become `[query]` unless their name is allowed, and are
 *   scanned even then; signatures always go.
 * - Malformed escapes are kept as they are and never throw; the work is linear.
 */
import { isAlphanumeric, isSpace, matchAt } from './characters.ts';
import { detect, isPlain } from './detect.ts';
import type { DataClass, Detection } from './detector.ts';
import { mergeDetections, replaceDetections } from './detector.ts';
import { decodePercent, splitAtColours } from './decoding.ts';
import { isNameOfSystem, userinfoDetector, userinfoEnd } from './secrets/userinfo.ts';

/** How URLs are redacted. */
export interface UrlRedaction {
  /** Names, in lower case, of the query parameters whose values may stay after being scanned. */
  readonly allow: ReadonlySet<string>;
  /** What is written in place of a value of a class. */
  readonly replace: (value: string, dataClass: DataClass) => string;
}

/**
 * Redacts every URL with a scheme, and the query of every relative reference, in a text. What
 * stands around them is left to the detectors.
 */
export function redactUrls(text: string, options: UrlRedaction): string {
  let colon = text.indexOf('://');
  if (colon === -1 && !text.includes('?')) return text;
  if (isPlain(text, 'text')) return text;
  const pieces = splitAtColours(text);
  if (pieces.length > 1) {
    return pieces
      .map((piece, index) => (index % 2 === 0 ? redactUrls(piece, options) : piece))
      .join('');
  }
  let written = '';
  let done = 0;
  while (colon !== -1) {
    const start = Math.max(done, schemeStart(text, colon));
    const url = start < colon ? urlAt(text, start, colon) : '';
    if (url !== '') {
      written += redactRelative(text.slice(done, start), options) + redactUrl(url, options);
      done = start + url.length;
    }
    colon = text.indexOf('://', Math.max(done, colon + 3));
  }
  return written + redactRelative(text.slice(done), options);
}

const LONGEST_SCHEME = 31;

function schemeStart(text: string, colon: number): number {
  let start = colon;
  while (colon - start < LONGEST_SCHEME && isSchemeSign(text, start - 1)) start -= 1;
  return start;
}

function isSchemeSign(text: string, at: number): boolean {
  const sign = text.charAt(at);
  return isAlphanumeric(text.charCodeAt(at)) || sign === '+' || sign === '-' || sign === '.';
}

/** Signs that never stand in a URL but around one. */
const OUTSIDE: ReadonlySet<string> = new Set(['"', '<', '>', '`', '\\', '|', '^']);
const BRACKETS: readonly (readonly [string, string])[] = [
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
];
const CLOSING: ReadonlyMap<string, string> = new Map([...BRACKETS, ["'", "'"]]);
/** Signs at the end that belong to the sentence. */
const TRAILING = ".,;:!?)]}'";

/** The URL around the `://` at `colon`, which has its scheme at `start`. */
function urlAt(text: string, start: number, colon: number): string {
  const closing = CLOSING.get(text.charAt(start - 1));
  return trimUrl(text.slice(start, urlEnd(text, colon + 3, closing)));
}

/** Offset behind the URL in which `from` lies; `closing` is what ends a URL in brackets. */
function urlEnd(text: string, from: number, closing: string | undefined): number {
  let end = from;
  while (end < text.length) {
    const sign = text.charAt(end);
    if (isSpace(text.charCodeAt(end)) || OUTSIDE.has(sign) || sign === closing) return end;
    end += 1;
  }
  return end;
}

/** The URL without the signs at its end that belong to the sentence; brackets in pairs stay. */
function trimUrl(url: string): string {
  const paired = BRACKETS.filter(([opening]) => url.includes(opening)).map(([, close]) => close);
  let end = url.length;
  while (end > 0 && TRAILING.includes(url.charAt(end - 1))) {
    if (paired.includes(url.charAt(end - 1))) break;
    end -= 1;
  }
  return url.slice(0, end);
}

/** Redacts the queries of relative references (`GET /reset?token=x`) in a text without URLs. */
function redactRelative(text: string, options: UrlRedaction): string {
  let written = '';
  let done = 0;
  let mark = text.indexOf('?');
  while (mark !== -1) {
    let next = mark + 1;
    if (matchAt(FIRST_PARAMETER, text, mark) !== '' && followsPath(text, mark)) {
      const query = trimUrl(text.slice(mark, urlEnd(text, mark, undefined)));
      written += text.slice(done, mark) + redactQuery(query, options);
      done = mark + query.length;
      next = done;
    }
    mark = text.indexOf('?', next);
  }
  return written + text.slice(done);
}

/** How far in front of a question mark the path of a relative reference is looked for. */
const PATH_WINDOW = 256;

const FIRST_PARAMETER = /\?(?:[\w.%[\]-]{1,64}&){0,8}[\w.%[\]-]{1,64}=/uy;

/** Whether a path with a slash leads up to the question mark at `mark`. */
function followsPath(text: string, mark: number): boolean {
  const floor = Math.max(0, mark - PATH_WINDOW);
  for (let at = mark - 1; at >= floor; at -= 1) {
    const sign = text.charAt(at);
    if (sign === '/') return true;
    if (sign === '?' || isSpace(text.charCodeAt(at)) || OUTSIDE.has(sign)) return false;
  }
  return false;
}

/**
 * Redacts one URL or relative reference (`/search?q=x`). A fragment with parameters is treated
 * like a query.
 */
export function redactUrl(url: string, options: UrlRedaction): string {
  const [authority, pathStart] = redactAuthority(url, options);
  const rest = url.slice(pathStart);
  const hash = rest.indexOf('#');
  const reference = hash === -1 ? rest : rest.slice(0, hash);
  const mark = reference.indexOf('?');
  const path = mark === -1 ? reference : reference.slice(0, mark);
  const query = mark === -1 ? '' : redactQuery(reference.slice(mark), options);
  const fragment = hash === -1 ? '' : `#${redactFragment(rest.slice(hash + 1), options)}`;
  return authority + redactPath(path, options) + query + fragment;
}

const AUTHORITY = /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/\//iu;

/** The scheme, the replaced userinfo and the host of a URL, and where its path begins. */
function redactAuthority(url: string, options: UrlRedaction): readonly [string, number] {
  const opening = AUTHORITY.exec(url)?.[0] ?? '';
  if (opening === '') return ['', 0];
  const at = userinfoEnd(url, opening.length);
  const hasUserinfo =
    at > opening.length && !isNameOfSystem(url, opening.length - '://'.length, at);
  const userinfo = hasUserinfo
    ? `${replacement(url.slice(opening.length, at), 'secret', options)}@`
    : '';
  const host = hasUserinfo ? at + 1 : opening.length;
  const length = url.slice(host).search(/[/?#]/u);
  const end = length === -1 ? url.length : host + length;
  return [opening + userinfo + url.slice(host, end), end];
}

function redactPath(given: string, options: UrlRedaction): string {
  // A URL inside a path shows its login in the whole only; cut at the slash it would pass for e-mail.
  const path = given.includes('://')
    ? replaceIn(given, userinfoDetector.find(given), options)
    : given;
  const segments = path.split('/').map((segment) => redactPart(segment, options));
  // What reaches over a slash, such as a company number, shows in the whole path only.
  const whole = segments.join('/');
  return replaceIn(whole, detect(whole, 'text'), options);
}

/** A fragment is a path, a query, or a path with a query, as single-page applications have it. */
function redactFragment(fragment: string, options: UrlRedaction): string {
  const mark = fragment.indexOf('?');
  if (mark === -1 && fragment.includes('=')) return redactQuery(fragment, options);
  if (mark === -1) return redactPath(fragment, options);
  const query = redactQuery(fragment.slice(mark), options);
  return redactPath(fragment.slice(0, mark), options) + query;
}

/** What stands in place of a query value whose name is not on the allow-list. */
export const HIDDEN_VALUE = '[query]';

/**
 * Redacts a query on its own (`a=b&c=d`, with or without the question mark), as `url.query` has
 * it. Names stay, unless personal data hides in them.
 */
export function redactQuery(query: string, options: UrlRedaction): string {
  const mark = query.startsWith('?') ? '?' : '';
  const parameters = query.slice(mark.length).split(/([&;])/u);
  return mark + parameters.map((piece) => redactPiece(piece, options)).join('');
}

function redactPiece(piece: string, options: UrlRedaction): string {
  return piece === '&' || piece === ';' ? piece : redactParameter(piece, options);
}

/** A parameter without a value that is a plain word, such as `?verbose`. */
const FLAG = /^[A-Za-z][A-Za-z_-]{0,31}$/u;

function redactParameter(parameter: string, options: UrlRedaction): string {
  const equals = parameter.indexOf('=');
  if (equals === -1) return parameter === '' || FLAG.test(parameter) ? parameter : HIDDEN_VALUE;
  const name = parameter.slice(0, equals);
  const value = parameter.slice(equals + 1);
  const written = value === '' ? '' : redactValue(name, value, options);
  return `${redactPart(name, options)}=${written}`;
}

/**
 * Parameters that grant access to whoever holds the URL. The first seven are those OpenTelemetry
 * asks to redact always (semantic conventions for `url.full`).
 */
const SIGNATURES: ReadonlySet<string> = new Set([
  'awsaccesskeyid',
  'signature',
  'sig',
  'x-goog-signature',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-goog-credential',
]);

/** A value that is itself a reference with parameters, which the allow-list says nothing about. */
const NESTED = /[?#]/u;

function redactValue(name: string, value: string, options: UrlRedaction): string {
  const known = decodePercent(name).text.trim().toLowerCase();
  if (SIGNATURES.has(known)) return replacement(value, 'secret', options);
  const isHidden = !options.allow.has(known) || NESTED.test(decodePercent(value).text);
  return isHidden ? HIDDEN_VALUE : redactPart(value, options);
}

/**
 * Redacts one piece of a URL: a path segment, a name or a value of the query. It is decoded before
 * it is scanned; when something was found, what stays is encoded anew. A piece that is encoded
 * more often than can be read is replaced as a whole.
 */
function redactPart(part: string, options: UrlRedaction): string {
  if (part === '') return part;
  const { text, isOpaque } = decodePercent(part);
  if (isOpaque) return replacement(part, 'text', options);
  const found = detectDecoded(text);
  return found.length === 0 ? part : replaceIn(text, found, options, escapeSpecial);
}

/** What a decoded piece holds, with a plus read as itself and as the space it may stand for. */
function detectDecoded(text: string): readonly Detection[] {
  const found = detect(text, 'text');
  if (!text.includes('+')) return found;
  return mergeDetections(text, [...found, ...detect(text.replaceAll('+', ' '), 'text')]);
}

function replaceIn(
  text: string,
  found: readonly Detection[],
  options: UrlRedaction,
  keep?: (piece: string) => string,
): string {
  const replace = (value: string, dataClass: DataClass): string =>
    replacement(value, dataClass, options);
  return replaceDetections(text, found, replace, keep);
}

/** What stands for a value inside a URL; a space would end the URL for whoever reads it. */
function replacement(value: string, dataClass: DataClass, options: UrlRedaction): string {
  return options.replace(value, dataClass).replaceAll(' ', '%20');
}

/** Signs that would change the meaning of a URL if they stood in the middle of it. */
const SPECIAL = /[^\w.~!$'()*+,:@[\]\u0080-\uffff-]/g;

function escapeSpecial(text: string): string {
  return text.replace(
    SPECIAL,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
