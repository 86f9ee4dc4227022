import { isEscapeTail, mayEndNumber } from './boundary.ts';
import { isAlphanumeric, isDigit } from './characters.ts';
import { isCnpj } from './check-digits.ts';
import type { Detection, Detector } from './detector.ts';

/** With the slash that only this number has; the other signs may be missing. */
const PUNCTUATED =
  /([0-9A-Z]{2})[. ]?([0-9A-Z]{3})[. ]?([0-9A-Z]{3})\/([0-9A-Z]{4})[- ]?(\d{2})/iuy;
/** Digits in the groups of the number, with other signs or none between them. */
const NUMERIC = /(\d{2})[. -]?(\d{3})[. -]?(\d{3})[. -]?(\d{4})[- ]?(\d{2})/uy;
/** Fourteen characters in a row; lower case is left to hexadecimal and random names. */
const BARE = /([0-9A-Z]{12}\d{2})/uy;

const SLASH = 47;

const SHAPES: readonly RegExp[] = [PUNCTUATED, NUMERIC, BARE];

/** Whether a token may begin at `start`: not inside a word or a decimal. */
function mayStart(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1);
  if (before === 46) return !isDigit(text.charCodeAt(start - 2));
  if (!isAlphanumeric(before) || isEscapeTail(text, start - 1)) return true;
  return /cnpj$/iu.test(text.slice(Math.max(0, start - 4), start));
}

/** Whether the signs at the places that matter allow any of the shapes; decides most tokens. */
function isLikely(text: string, start: number): boolean {
  if (isDigit(text.charCodeAt(start + 12)) && isDigit(text.charCodeAt(start + 13))) return true;
  if (isDigit(text.charCodeAt(start)) && isDigit(text.charCodeAt(start + 1))) return true;
  const isSlash = (at: number): boolean => text.charCodeAt(at) === SLASH;
  return isSlash(start + 8) || isSlash(start + 9) || isSlash(start + 10);
}

/** Offset behind the number that begins at `start`, or `undefined` when none does. */
function numberEnd(text: string, start: number): number | undefined {
  for (const shape of SHAPES) {
    shape.lastIndex = start;
    const match = shape.exec(text);
    if (match === null) continue;
    const [whole, ...groups] = match;
    const end = start + whole.length;
    if (mayEndNumber(text, end) && isCnpj(groups.join('').toUpperCase())) return end;
  }
  return undefined;
}

/**
 * Finds Brazilian company numbers (CNPJ), numeric and alphanumeric, bare or punctuated, by their
 * check digits. Letters in lower case count only in the punctuated form.
 */
export const cnpjDetector: Detector = {
  class: 'cnpj',
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let at = 0;
    while (at < text.length) {
      const isCandidate =
        isAlphanumeric(text.charCodeAt(at)) && isLikely(text, at) && mayStart(text, at);
      const end = isCandidate ? numberEnd(text, at) : undefined;
      if (end !== undefined) found.push({ start: at, end, class: 'cnpj' });
      at = end ?? at + 1;
    }
    return found;
  },
};
