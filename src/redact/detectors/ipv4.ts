import { continuesWord } from './boundary.ts';
import { isAlphanumeric, isDigit, isLetter } from './characters.ts';
import type { Detection, Detector } from './detector.ts';

const DOT = 46;
const HYPHEN = 45;
const SLASH = 47;
/** `ã`, in lower case. */
const A_TILDE = 0xe3;
const WINDOW = 24;

const OCTET = '(?:25[0-5]|2[0-4]\\d|[01]\\d\\d|[1-9]?\\d)';
const ADDRESS = new RegExp(`(?:${OCTET}\\.){3}${OCTET}`, 'uy');

/** Four numbers of any size, for the engine to look for. */
const FOUR_NUMBERS = /\d\.\d{1,3}\.\d{1,3}\.\d/u;

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

/** The letters in front of `end`, in lower case, as many as matter. */
function wordBefore(text: string, end: number): string {
  let start = end;
  while (end - start < WINDOW && isWordLetter(text.charCodeAt(start - 1))) start -= 1;
  return text.slice(start, end).toLowerCase();
}

/** Letters, and those beyond ASCII that the version words have. */
function isWordLetter(code: number): boolean {
  return isLetter(code) || (code | 32) === A_TILDE;
}

function followsVersionWord(text: string, start: number): boolean {
  let end = start;
  while (start - end < MOST_BETWEEN && end > 0 && BETWEEN.includes(text.charAt(end - 1))) end -= 1;
  return VERSION_WORDS.has(wordBefore(text, end));
}

/** Whether four numbers at this place are the version of something. */
function isVersion(text: string, start: number, end: number): boolean {
  if (followsVersionWord(text, start)) return true;
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

function isBounded(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1);
  const after = text.charCodeAt(end);
  if (before === DOT || isAlphanumeric(after)) return false;
  if (continuesWord(text, start)) return false;
  return !(after === DOT && isDigit(text.charCodeAt(end + 1)));
}

function isAddress(text: string, { start, end }: Detection): boolean {
  return isBounded(text, start, end) && !isVersion(text, start, end);
}

/** Four numbers that have their first dot at `dot`. */
function addressAround(text: string, dot: number): Detection | undefined {
  if (!isDigit(text.charCodeAt(dot - 1)) || !isDigit(text.charCodeAt(dot + 1))) return undefined;
  let start = dot - 1;
  while (dot - start < 3 && isDigit(text.charCodeAt(start - 1))) start -= 1;
  ADDRESS.lastIndex = start;
  const end = start + (ADDRESS.exec(text)?.[0].length ?? 0);
  return end > dot ? { start, end, class: 'ip' } : undefined;
}

/**
 * Finds IPv4 addresses: four numbers up to 255, not inside a longer row of numbers.
 *
 * Loopback and private addresses count; four-part versions do not when a version word, a browser
 * name or a file name says so. Four numbers in prose are taken for an address.
 */
export const ipv4Detector: Detector = {
  class: 'ip',
  mayFind: (text) => FOUR_NUMBERS.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let dot = text.indexOf('.');
    while (dot !== -1) {
      const address = addressAround(text, dot);
      if (address !== undefined && isAddress(text, address)) found.push(address);
      dot = text.indexOf('.', Math.max(address?.end ?? 0, dot + 1));
    }
    return found;
  },
};
