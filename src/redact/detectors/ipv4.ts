import { continuesWord } from './boundary.ts';
import { isAlphanumeric, isDigit, isLetter } from './characters.ts';
import type { Detection, Detector } from './detector.ts';

const DOT = 46;
const HYPHEN = 45;
const SLASH = 47;
const WINDOW = 24;

const OCTET = '(?:25[0-5]|2[0-4]\\d|[01]\\d\\d|[1-9]?\\d)';
const ADDRESS = new RegExp(`(?:${OCTET}\\.){3}${OCTET}`, 'uy');

/** Four numbers of any size, for the engine to look for. */
const FOUR_NUMBERS = /\d\.\d{1,3}\.\d{1,3}\.\d/u;

/** What announces a version of four parts. */
const VERSION_WORD =
  /(?:^|[^a-z])(?:v|ver|vers|version|versão|versao|release|rel|build|revision|rev|firmware|fw|sdk|assembly|section|chapter|clause|oid)[ "'=:_/-]{0,3}$/iu;

/** Browsers and runtimes that write `Name/1.2.3.4` in a user agent. */
const PRODUCT =
  /(?:chrome|chromium|crios|edg|edga|edgios|edge|opr|opera|version|safari|firefox|fxios|samsungbrowser|yabrowser|vivaldi|brave|electron|mozilla|webkit|applewebkit|trident|miuibrowser|whale)\/$/iu;

/** Whether four numbers at this place are the version of something. */
function isVersion(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1);
  const head = text.slice(Math.max(0, start - WINDOW), start);
  if (VERSION_WORD.test(head)) return true;
  const inFileName = text.charCodeAt(end) === DOT && isLetter(text.charCodeAt(end + 1));
  if (before === HYPHEN && inFileName && isLetter(text.charCodeAt(start - 2))) return true;
  if (before !== SLASH || !isLetter(text.charCodeAt(start - 2))) return false;
  return (
    PRODUCT.test(head) || (text.endsWith('.0.0.0', end) && text.slice(start, end) !== '0.0.0.0')
  );
}

function isBounded(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1);
  const after = text.charCodeAt(end);
  if (before === DOT || isAlphanumeric(after)) return false;
  if (continuesWord(text, start)) return false;
  return !(after === DOT && isDigit(text.charCodeAt(end + 1)));
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
      let start = dot;
      while (dot - start < 3 && isDigit(text.charCodeAt(start - 1))) start -= 1;
      ADDRESS.lastIndex = start;
      const end = start + (ADDRESS.exec(text)?.[0].length ?? 0);
      const isAddress = end > dot && isBounded(text, start, end) && !isVersion(text, start, end);
      if (isAddress) found.push({ start, end, class: 'ip' });
      dot = text.indexOf('.', Math.max(end, dot + 1));
    }
    return found;
  },
};
