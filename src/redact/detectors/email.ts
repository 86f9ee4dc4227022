import {
  AT,
  BACKSLASH,
  COLON,
  DOT,
  EQUALS,
  HYPHEN,
  QUOTE,
  UNDERSCORE,
  codesOf,
  isAlphanumeric,
  isBeyondLatin,
  isDigit,
  isEscapeTail,
  isForeignLetter,
  isLetter,
  matchAt,
} from './characters.ts';
import type { Detection, Detector } from './detector.ts';
import { isActorAddress } from './secrets/userinfo.ts';

/** Signs of a local part beside letters and digits; `=`, `/`, `&` and `?` separate in practice. */
const LOCAL_SIGNS = ".!#$%*+-_~^'";
const LOCAL: Readonly<Uint8Array> = Uint8Array.from({ length: 128 }, (_, code) =>
  isAlphanumeric(code) || LOCAL_SIGNS.includes(String.fromCharCode(code)) ? 1 : 0,
);

/** What a local part may hold but not begin with, so that quoting and markup stay outside. */
const LEADING_SIGNS: ReadonlySet<number> = codesOf(".!#$*+-_~^'");

/** Articles and pronouns that French, Italian and Catalan join to what follows: `d'ana`. */
const ELISION = /(?:[cdjlmnst]|qu|dell|all|nell|sull)'(?=[a-z])/iuy;

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
 * Unicode local parts, internationalised domains and quoted local parts count, as do addresses
 * inside addresses (`bounce-ana=example.com@…`). The domain needs a dot and a top-level label of
 * letters, so `root@localhost`, `pkg@1.2.3`, `@scope/pkg`, `@decorator` and `logo@2x.png` are
 * none. `git@host:path` is none either. Neither side looks beyond a neighbouring `@` or a change
 * of script, as where Chinese or Japanese goes on without a space; the work is linear.
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
      if (end === at + 1 || isLogin(text, start, end)) continue;
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
  const start = runStart(text, at);
  return envelopeStart(text, start);
}

/** Where the run of signs of one script that ends before `end` begins, without markup before it. */
function runStart(text: string, end: number): number {
  let start = end;
  let script: boolean | undefined;
  while (start > 0) {
    const code = text.charCodeAt(start - 1);
    if (code < 128 ? LOCAL[code] !== 1 : !isForeignLetter(code)) break;
    // Signs and digits belong to every script.
    if (code >= 128 || isLetter(code)) {
      if (script !== undefined && script !== isBeyondLatin(code)) break;
      script = isBeyondLatin(code);
    }
    start -= 1;
  }
  if (start < end && isEscapeTail(text, start)) start += 1;
  while (start < end && LEADING_SIGNS.has(text.charCodeAt(start))) start += 1;
  return start + matchAt(ELISION, text, start).length;
}

/** The address of a recipient inside that of a sender (VERP, SRS), up to its equals sign. */
const RECIPIENT = /(?<![\w.-])(?:[\w.]{1,64}[+-][\w.+-]{1,64}|SRS[01][=+-][\w=+.-]{1,64})=$/iu;
/** What stands behind that sign: the domain of the recipient, or its name. */
const INNER = /(?:[\w-]{1,63}\.){1,4}[a-z]{2,24}@|[\w.-]{1,64}@/iuy;
const ENVELOPE_WINDOW = 140;

/** Where the address begins inside which another one lies, up to `start`; else `start` itself. */
function envelopeStart(text: string, start: number): number {
  if (text.charCodeAt(start - 1) !== EQUALS) return start;
  const from = Math.max(0, start - ENVELOPE_WINDOW);
  const outer = RECIPIENT.exec(text.slice(from, start));
  if (outer === null) return start;
  const isSrs = /^srs[01]/iu.test(outer[0]);
  return isSrs || matchAt(INNER, text, start).includes('.') ? from + outer.index : start;
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

/** Offset behind the longest domain that begins at `from`; `from` itself when there is none. */
function domainEnd(text: string, from: number): number {
  const end = domainRunEnd(text, from);
  const labels = text.slice(from, end).split('.');
  if (labels.length < 2 || isVersionLike(labels)) return from;
  let length = end - from;
  for (let last = labels.length - 1; last > 0; last -= 1) {
    const label = labels[last] ?? '';
    const used = topLevelLength(label);
    if (used > 0) return from + length - label.length + used;
    length -= label.length + 1;
  }
  return from;
}

/** Where the run of labels ends, each of one script; a label of Chinese may follow one of Latin. */
function domainRunEnd(text: string, from: number): number {
  let end = from;
  let script: boolean | undefined;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (!isDomain(code)) break;
    if (code === DOT) {
      if (end === from || text.charCodeAt(end + 1) === DOT) break;
      script = undefined;
    } else if (code >= 128 || isLetter(code)) {
      if (script !== undefined && script !== isBeyondLatin(code)) break;
      script = isBeyondLatin(code);
    }
    end += 1;
  }
  return end;
}

function isDomain(code: number): boolean {
  if (isAlphanumeric(code) || code === HYPHEN || code === DOT || code === UNDERSCORE) return true;
  return isForeignLetter(code);
}

/** `pkg@1.2.3-beta.next` and `logo@2x.min.js` name a version or a picture, not a mailbox. */
function isVersionLike(labels: readonly string[]): boolean {
  const [first = '', second = ''] = labels;
  return (/^v?\d{1,9}$/.test(first) && isDigit(second.charCodeAt(0))) || /^\dx$/.test(first);
}

/** How much of a label is a top-level domain: what is joined to it by a sign or digit is not. */
function topLevelLength(label: string): number {
  if (/^xn--[a-z0-9-]*[a-z0-9]/iu.test(label)) return label.replace(/[-_]+$/u, '').length;
  let length = 0;
  while (length < label.length) {
    const code = label.charCodeAt(length);
    if (!isLetter(code) && !isForeignLetter(code)) break;
    length += 1;
  }
  const isKnownElse = NOT_TOP_LEVEL.has(label.slice(0, length).toLowerCase());
  return length < 2 || isKnownElse ? 0 : length;
}

/**
 * `git@host:owner/name` and `ssh://git@host` name a repository, `akka://system@host` an actor
 * system; the login is the same for all.
 */
function isLogin(text: string, start: number, end: number): boolean {
  if (text.startsWith('://', start - 3)) {
    return text.startsWith('git@', start) || isActorAddress(text, start - 3);
  }
  if (!text.startsWith('git@', start)) return false;
  return text.charCodeAt(end) === COLON && text.charCodeAt(end + 1) > 32;
}
