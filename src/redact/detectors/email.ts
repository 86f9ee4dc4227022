import {
  AT,
  BACKSLASH,
  COLON,
  DOT,
  HYPHEN,
  QUOTE,
  codesOf,
  isAlphanumeric,
  isDigit,
  isEscapeTail,
  isForeignLetter,
  isLetter,
} from './characters.ts';
import type { Detection, Detector } from './detector.ts';

/** Signs of a local part beside letters and digits; `=`, `/`, `&` and `?` separate in practice. */
const LOCAL_SIGNS = ".!#$%*+-_~^'";
const LOCAL: Readonly<Uint8Array> = Uint8Array.from({ length: 128 }, (_, code) =>
  isAlphanumeric(code) || LOCAL_SIGNS.includes(String.fromCharCode(code)) ? 1 : 0,
);

/** What a local part may hold but not begin with, so that quoting and markup stay outside. */
const LEADING_SIGNS: ReadonlySet<number> = codesOf(".!#$*-~^'");

/** Endings of files and units that look like a top-level domain and are none. */
const NOT_TOP_LEVEL: ReadonlySet<string> = new Set(
  (
    'avif bak bmp cjs conf css csv cts gif gz htm html ico jpeg jpg js json jsx less lock log map mjs mts ' +
    'png scss svg tar tgz toml ts tsx txt webp xml yaml yml mount service slice socket target timer'
  ).split(' '),
);

/**
 * Finds e-mail addresses by looking outwards from each `@`.
 *
 * Unicode local parts, internationalised domains and quoted local parts count. The domain needs
 * a dot and a top-level label of letters, so `root@localhost`, `pkg@1.2.3`, `@scope/pkg`,
 * `@decorator` and `logo@2x.png` are none. `git@host:path` is none either. Neither side looks
 * beyond a neighbouring `@`, which keeps the work linear.
 */
export const emailDetector: Detector = {
  class: 'email',
  mayFind: (text) => text.includes('@'),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
      const start = localStart(text, at);
      if (start === at) continue;
      const end = domainEnd(text, at + 1);
      if (end === at + 1 || isRepositoryLogin(text, start, end)) continue;
      const previous = found.at(-1);
      if (previous !== undefined && start < previous.end) {
        found[found.length - 1] = { start: previous.start, end, class: 'email' };
      } else {
        found.push({ start, end, class: 'email' });
      }
    }
    return found;
  },
};

/** Offset where the local part before `at` begins; `at` itself when there is none. */
function localStart(text: string, at: number): number {
  if (text.charCodeAt(at - 1) === QUOTE) {
    const quoted = quotedLocalStart(text, at);
    return quoted === -1 || quoted === at - 2 ? at : quoted;
  }
  let start = at;
  while (start > 0 && isLocal(text.charCodeAt(start - 1))) start -= 1;
  if (start < at && isEscapeTail(text, start)) start += 1;
  while (start < at && LEADING_SIGNS.has(text.charCodeAt(start))) start += 1;
  return start;
}

const LONGEST_QUOTED_LOCAL_PART = 66;

/** Offset of an opening quote of `"john doe"@…`, or `-1`. */
function quotedLocalStart(text: string, at: number): number {
  const floor = Math.max(0, at - LONGEST_QUOTED_LOCAL_PART);
  for (let index = at - 2; index >= floor; index -= 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE && text.charCodeAt(index - 1) !== BACKSLASH) return index;
    if (code === 10 || code === AT) return -1;
  }
  return -1;
}

function isLocal(code: number): boolean {
  return code < 128 ? LOCAL[code] === 1 : isForeignLetter(code);
}

/** Offset behind the longest domain that begins at `from`; `from` itself when there is none. */
function domainEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && isDomain(text.charCodeAt(end))) {
    if (text.charCodeAt(end) === DOT && (end === from || text.charCodeAt(end + 1) === DOT)) break;
    end += 1;
  }
  const labels = text.slice(from, end).split('.');
  if (labels.length < 2 || isVersionLike(labels)) return from;
  let length = end - from;
  for (let last = labels.length - 1; last > 0; last -= 1) {
    const label = labels[last] ?? '';
    if (isTopLevel(label)) return from + length;
    length -= label.length + 1;
  }
  return from;
}

function isDomain(code: number): boolean {
  return isAlphanumeric(code) || code === HYPHEN || code === DOT || isForeignLetter(code);
}

/** `pkg@1.2.3-beta.next` and `logo@2x.min.js` name a version or a picture, not a mailbox. */
function isVersionLike(labels: readonly string[]): boolean {
  const [first = '', second = ''] = labels;
  return (/^v?\d{1,9}$/.test(first) && isDigit(second.charCodeAt(0))) || /^\dx$/.test(first);
}

function isTopLevel(label: string): boolean {
  if (label.length < 2 || NOT_TOP_LEVEL.has(label.toLowerCase())) return false;
  if (label.startsWith('xn--')) return true;
  for (let index = 0; index < label.length; index += 1) {
    const code = label.charCodeAt(index);
    if (!isLetter(code) && !isForeignLetter(code)) return false;
  }
  return true;
}

/** `git@host:owner/name` and `ssh://git@host` name a repository; the login is the same for all. */
function isRepositoryLogin(text: string, start: number, end: number): boolean {
  if (!text.startsWith('git@', start)) return false;
  return (
    (text.charCodeAt(end) === COLON && text.charCodeAt(end + 1) > 32) ||
    text.startsWith('://', start - 3)
  );
}
