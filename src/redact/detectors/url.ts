import { isAlphanumeric, isSpace } from './characters.ts';
import { isPlain } from './plain.ts';
import { redactQuery } from './query.ts';
import type { UrlRedaction } from './url-part.ts';
import { redactUrl } from './single-url.ts';

const LONGEST_SCHEME = 31;
/** How far in front of a question mark the path of a relative reference is looked for. */
const PATH_WINDOW = 256;

const FIRST_PARAMETER = /\?[\w.%[\]-]{1,64}=/uy;

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

function schemeStart(text: string, colon: number): number {
  let start = colon;
  while (colon - start < LONGEST_SCHEME && isSchemeSign(text, start - 1)) start -= 1;
  return start;
}

function isSchemeSign(text: string, at: number): boolean {
  const sign = text.charAt(at);
  return isAlphanumeric(text.charCodeAt(at)) || sign === '+' || sign === '-' || sign === '.';
}

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

/** Redacts the queries of relative references (`GET /reset?token=x`) in a text without URLs. */
function redactRelative(text: string, options: UrlRedaction): string {
  let written = '';
  let done = 0;
  let mark = text.indexOf('?');
  while (mark !== -1) {
    FIRST_PARAMETER.lastIndex = mark;
    let next = mark + 1;
    if (FIRST_PARAMETER.test(text) && followsPath(text, mark)) {
      const query = trimUrl(text.slice(mark, urlEnd(text, mark, undefined)));
      written += text.slice(done, mark) + redactQuery(query, options);
      done = mark + query.length;
      next = done;
    }
    mark = text.indexOf('?', next);
  }
  return written + text.slice(done);
}

/** The URL around the `://` at `colon`, which has its scheme at `start`. */
function urlAt(text: string, start: number, colon: number): string {
  const closing = CLOSING.get(text.charAt(start - 1));
  return trimUrl(text.slice(start, urlEnd(text, colon + 3, closing)));
}

/**
 * Redacts every URL with a scheme, and the query of every relative reference, in a text. What
 * stands around them is left to the detectors.
 */
export function redactUrls(text: string, options: UrlRedaction): string {
  let colon = text.indexOf('://');
  if (colon === -1 && !text.includes('?')) return text;
  if (isPlain(text, 'text')) return text;
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
