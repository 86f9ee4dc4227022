import {
  COLON,
  DOT,
  HYPHEN,
  PERCENT,
  SLASH,
  UNDERSCORE,
  continuesWord,
  isAlphanumeric,
  isDigit,
  isEscapeTail,
  isHexDigit,
  isLetter,
  matchAt,
  runEnd,
  skipBack,
} from './characters.ts';
import type { Detection, Detector } from './detector.ts';
import { findAtSigns } from './detector.ts';
import { isIPv6 } from 'node:net';

/** Four numbers of any size, for the engine to look for. */
const FOUR_NUMBERS = /\d\.\d{1,3}\.\d{1,3}\.\d/u;

/**
 * Finds IPv4 addresses: four numbers up to 255, not inside a longer row of numbers.
 *
 * Loopback and private addresses count; four-part versions do not when a version word, a browser
 * name or a file name says so. Four numbers in prose are taken for an address.
 */
export const ipv4Detector: Detector = {
  class: 'ip',
  mayFind: (text) => FOUR_NUMBERS.test(text),
  find: (text) => findAtSigns(text, '.', ipv4At),
};

const OCTET = '(?:25[0-5]|2[0-4]\\d|[01]\\d\\d|[1-9]?\\d)';
const FOUR_OCTETS = new RegExp(`(?:${OCTET}\\.){3}${OCTET}`, 'uy');

/** The address that has its first dot at `dot`. */
function ipv4At(text: string, dot: number): Detection | undefined {
  if (!isDigit(text.charCodeAt(dot - 1)) || !isDigit(text.charCodeAt(dot + 1))) return undefined;
  let start = dot - 1;
  while (dot - start < 3 && isDigit(text.charCodeAt(start - 1))) start -= 1;
  const end = start + matchAt(FOUR_OCTETS, text, start).length;
  if (end <= dot || !isBounded(text, start, end)) return undefined;
  if (isVersion(text, start, end) || isMoney(text, start, end)) return undefined;
  return { start, end, class: 'ip' };
}

function isBounded(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1);
  const after = text.charCodeAt(end);
  if (before === DOT || isAlphanumeric(after)) return false;
  if (continuesWord(text, start)) return false;
  return !(after === DOT && isDigit(text.charCodeAt(end + 1)));
}

/** Three groups of three digits, as thousands are written in most of the world. */
const THOUSANDS = /^\d{1,3}(?:\.\d{3}){3}$/u;
const CURRENCY = /(?:[$€£¥₹]|\b(?:BRL|EUR|USD|GBP|reais|euros?))[ \u00a0]{0,2}-?$/iu;
const CENTS = /,\d{1,2}(?![\d.])/uy;

/** Whether four numbers are one, an amount with its thousands: `R$ 6.075.209.153,12`. */
function isMoney(text: string, start: number, end: number): boolean {
  if (!THOUSANDS.test(text.slice(start, end))) return false;
  return (
    matchAt(CENTS, text, end) !== '' || CURRENCY.test(text.slice(Math.max(0, start - 8), start))
  );
}

/** What announces a version of four parts. */
const VERSION_WORDS: ReadonlySet<string> = new Set(
  (
    'v ver vers version versão versao release rel build revision rev firmware fw sdk assembly ' +
    'section chapter clause oid'
  ).split(' '),
);
/** Signs between such a word and its version, at most three of them. */
const BETWEEN = ' "\'=:_/-';
const MOST_BETWEEN = 3;

/** Browsers and runtimes that write `Name/1.2.3.4` in a user agent. */
const PRODUCTS: readonly string[] = (
  'chrome chromium crios edg edga edgios edge opr opera version safari firefox fxios ' +
  'samsungbrowser yabrowser vivaldi brave electron mozilla webkit applewebkit trident ' +
  'miuibrowser whale'
).split(' ');

/** Whether four numbers at this place are the version of something. */
function isVersion(text: string, start: number, end: number): boolean {
  if (VERSION_WORDS.has(wordBefore(text, skipBack(text, start, BETWEEN, MOST_BETWEEN))))
    return true;
  if (VERSION_BEFORE.test(text.slice(Math.max(0, start - 6), start))) return true;
  if (matchAt(VERSION_BEHIND, text, end) !== '') return true;
  const before = text.charCodeAt(start - 1);
  const inFileName = text.charCodeAt(end) === DOT && isLetter(text.charCodeAt(end + 1));
  if (before === HYPHEN && inFileName && isLetter(text.charCodeAt(start - 2))) return true;
  if (before !== SLASH || !isLetter(text.charCodeAt(start - 2))) return false;
  const word = wordBefore(text, start - 1);
  return (
    PRODUCTS.some((product) => word.endsWith(product)) ||
    (text.endsWith('.0.0.0', end) && text.slice(start, end) !== '0.0.0.0')
  );
}

/** Signs with which dependencies, packages and components give a version. */
const VERSION_BEFORE = /(?:[~^]|[=<>!~]=|[a-z.]jar:)$/iu;
/** What releases are called behind their numbers. */
const VERSION_BEHIND =
  /(?:[-._]?(?:SNAPSHOT|RELEASE|FINAL|GA|alpha|beta|rc|preview|patch|hotfix|build|nightly|dev|el\d|fc\d|ubuntu|deb\d|x64|x86|amd64|arm64|win32|linux|py3)|[-_](?:win|mac|osx|darwin|cp\d))/iuy;

const LONGEST_WORD = 24;

/** The letters in front of `end`, in lower case, as many as matter. */
function wordBefore(text: string, end: number): string {
  let start = end;
  while (end - start < LONGEST_WORD && isWordLetter(text.charCodeAt(start - 1))) start -= 1;
  return text.slice(start, end).toLowerCase();
}

/** `ã`, in lower case. */
const A_TILDE = 0xe3;

/** Letters, and those beyond ASCII that the version words have. */
function isWordLetter(code: number): boolean {
  return isLetter(code) || (code | 32) === A_TILDE;
}

/**
 * Finds IPv6 addresses (RFC 4291, with zones) among runs of hexadecimal digits and colons.
 *
 * Times, hardware addresses, fingerprints and names such as `std::vector` or `a::b` are none; an
 * address without a single decimal digit is left alone for that reason.
 */
export const ipv6Detector: Detector = {
  class: 'ip',
  mayFind: hasColonRow,
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let colon = text.indexOf(':');
    while (colon !== -1) {
      const end = runEnd(text, colon, isRunPart);
      const address = hasColonsOfIpv6(text, colon, end) ? ipv6At(text, colon, end) : undefined;
      if (address !== undefined) found.push(address);
      colon = text.indexOf(':', Math.max(end, address?.end ?? 0));
    }
    return found;
  },
};

const LONGEST_GROUP = 4;
/** How many colons an address has in which no two stand together. */
const COLONS = 7;
/** Longest text of an address, with an IPv4 address at its end. */
const LONGEST = 45;
/** One more group, for a label of hexadecimal letters in front of the address. */
const LONGEST_RUN = LONGEST + 12;

/** Whether two colons stand together, or as many in a row as an address without that has. */
function hasColonRow(text: string): boolean {
  let count = 0;
  let last = -1;
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1)) {
    if (last !== -1 && colon === last + 1) return true;
    count = colon - last <= LONGEST_GROUP + 1 ? count + 1 : 1;
    if (count >= COLONS) return true;
    last = colon;
  }
  return false;
}

function isRunPart(code: number): boolean {
  return isHexDigit(code) || code === COLON || code === DOT;
}

/** Whether the colons from the first on are as many as an address has, or two stand together. */
function hasColonsOfIpv6(text: string, colon: number, end: number): boolean {
  if (end - colon < 2 || end - colon > LONGEST_RUN) return false;
  let colons = 0;
  for (let at = colon; at < end; at += 1) {
    if (text.charCodeAt(at) !== COLON) continue;
    if (text.charCodeAt(at + 1) === COLON) return true;
    colons += 1;
  }
  return colons >= COLONS;
}

/** The address in the run that has its first colon at `colon` and ends at `end`. */
function ipv6At(text: string, colon: number, end: number): Detection | undefined {
  let start = colon;
  while (colon - start < LONGEST_RUN && isHexDigit(text.charCodeAt(start - 1))) start -= 1;
  const { skipped, text: run } = trimRun(text.slice(start, end));
  if (run.length > LONGEST_RUN) return undefined;
  const offset = addressOffset(run);
  const first = start + skipped + offset;
  const last = start + skipped + offset + addressLength(run.slice(offset));
  if (offset === -1 || (first === start && isWordPart(text, start - 1))) return undefined;
  if (last === end && isWordPart(text, end)) return undefined;
  return { start: first, end: zoneEnd(text, last), class: 'ip' };
}

/** The run without what belongs to the sentence around it: one colon in front, signs behind. */
function trimRun(run: string): { readonly skipped: number; readonly text: string } {
  const skipped = run.startsWith(':') && !run.startsWith('::') ? 1 : 0;
  let end = run.length;
  while (run.charCodeAt(end - 1) === DOT) end -= 1;
  if (run.charCodeAt(end - 1) === COLON && run.charCodeAt(end - 2) !== COLON) end -= 1;
  return { skipped, text: run.slice(skipped, end) };
}

/** Offset of the address inside the run, with or without its first group; `-1` for none. */
function addressOffset(run: string): number {
  if (isAddress(run)) return 0;
  const second = run.indexOf(':') + 1;
  const hasLabel = second > 0 && run.charAt(second) !== ':';
  // A port may stand behind eight groups, a word of hexadecimal letters in front of them.
  const isWord = !/\d/u.test(run.slice(0, second));
  if (hasLabel && isWord && isAddress(run.slice(second))) return second;
  if (addressLength(run) > 0) return 0;
  return hasLabel && addressLength(run.slice(second)) > 0 ? second : -1;
}

const PORT = /:\d{1,5}$/u;

/** Length of the address that a run begins with, behind which a port may stand; 0 for none. */
function addressLength(run: string): number {
  if (isAddress(run)) return run.length;
  const port = PORT.exec(run)?.[0].length ?? 0;
  return port > 0 && isAddress(run.slice(0, -port)) ? run.length - port : 0;
}

/** Eight pairs of digits: a hardware address (EUI-64) or part of a fingerprint. */
const EIGHT_PAIRS = /^(?:[0-9a-f]{2}:){7}[0-9a-f]{2}$/iu;

function isAddress(run: string): boolean {
  if (run.length > LONGEST || !/\d/u.test(run)) return false;
  return !EIGHT_PAIRS.test(run) && isIPv6(run);
}

/** Whether the sign at `at` would make a word of an address next to it. */
function isWordPart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === UNDERSCORE || (isAlphanumeric(code) && !isEscapeTail(text, at));
}

/** Offset behind a zone (`%eth0`, RFC 4007) that follows an address, else the offset given. */
function zoneEnd(text: string, end: number): number {
  if (text.charCodeAt(end) !== PERCENT || !isLetter(text.charCodeAt(end + 1))) return end;
  return runEnd(text, end + 1, isAlphanumeric);
}
