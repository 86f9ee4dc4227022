import type { Detection, Detector } from './detector.ts';
import { mergeDetections } from './merge.ts';

/** A scheme of the Authorization header with what follows it. */
const SCHEME = /\b(bearer|basic|token|dpop|apikey)(?:[ \t]{1,8}|%20|\+)([\w.~+/-]{4,}={0,2})/giu;

/** An Authorization line, as a header, an object field or an environment variable. */
const HEADER = /authorization\\?["']?[ \t]{0,8}[:=][ \t]{0,8}\\?(["']?)/giu;

/** Schemes whose credentials are one word. */
const ONE_WORD = /(?:bearer|basic|token|dpop|apikey|api-key)[ \t]{1,8}([^\s"'`,;{}<>\\]+)/iuy;

/** Schemes whose credentials are a list of parameters. */
const MANY_WORDS =
  /(?:digest|negotiate|ntlm|hawk|oauth|mac|signature|hmac|sharedkey|aws4-hmac-sha256)[ \t]{1,8}(?=\S)/iuy;

/** Credentials without a scheme. */
const NO_SCHEME = /(?=[\w.~+/=-]{0,64}\d)[\w.~+/=-]{8,}/uy;

/** What people write behind the name of a scheme when no token follows. */
const PROSE: ReadonlySet<string> = new Set(
  (
    'auth authentication authorization authorisation challenge credential credentials error ' +
    'expired flow format from grant has have header headers invalid means method missing must ' +
    'only prefix realm required scheme schemes security that then this token tokens type types ' +
    'usage value values were when which will with without'
  ).split(' '),
);

function isProse(value: string): boolean {
  const word = /^[a-z]+/u.exec(value.toLowerCase())?.[0] ?? '';
  return PROSE.has(word) && !/[\d_]/u.test(value);
}

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

function findSchemes(text: string): Detection[] {
  const found: Detection[] = [];
  for (const match of text.matchAll(SCHEME)) {
    const [whole, scheme = '', value = ''] = match;
    if (!isCredential(scheme.toLowerCase(), value)) continue;
    const end = match.index + whole.length;
    found.push({ start: end - value.length, end, class: 'bearer' });
  }
  return found;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

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

/** The credentials in an Authorization line whose value begins at `start`. */
function credentialsAt(text: string, start: number, quote: string): Detection | undefined {
  const many = matchAt(MANY_WORDS, text, start);
  if (many !== null) {
    const from = start + many[0].length;
    return { start: from, end: lineEnd(text, from, quote), class: 'bearer' };
  }
  const word = matchAt(ONE_WORD, text, start);
  const [whole, value] = word ?? matchAt(NO_SCHEME, text, start) ?? [''];
  if (whole === '' || (value !== undefined && isProse(value))) return undefined;
  const end = start + whole.length;
  return { start: end - (value ?? whole).length, end, class: 'bearer' };
}

function findHeaders(text: string): Detection[] {
  const found: Detection[] = [];
  for (const match of text.matchAll(HEADER)) {
    const start = match.index + match[0].length;
    if (start < (found.at(-1)?.end ?? 0)) continue;
    const credentials = credentialsAt(text, start, match[1] ?? '');
    if (credentials !== undefined) found.push(credentials);
  }
  return found;
}

/**
 * Finds credentials of the Authorization header: behind a scheme name anywhere in a text
 * (`Bearer …`, `Basic …` when it decodes to `user:password`, `Token …`), and whatever stands in
 * an `authorization:` line (RFC 9110 section 11.6.2). The scheme itself stays readable.
 *
 * Prose such as "bearer token expired" or "basic functionality" is no credential.
 */
export const bearerDetector: Detector = {
  class: 'bearer',
  find(text: string): readonly Detection[] {
    return mergeDetections(text, [...findSchemes(text), ...findHeaders(text)]);
  },
};
