import { isEscapeTail, mayEndNumber } from './boundary.ts';
import { isAlphanumeric, isDigit, runEnd } from './characters.ts';
import { isCnpj } from './check-digits.ts';
import type { Detection, Detector } from './detector.ts';

/** With the slash that only this number has; the other signs may be missing. */
const PUNCTUATED =
  /([0-9A-Z]{2})[. ]?([0-9A-Z]{3})[. ]?([0-9A-Z]{3})\/([0-9A-Z]{4})[- ]?(\d{2})/iuy;
/** Digits in the groups of the number, with other signs or none between them. */
const NUMERIC = /(\d{2})[. -]?(\d{3})[. -]?(\d{3})[. -]?(\d{4})[- ]?(\d{2})/uy;
/** Fourteen characters in a row; lower case is left to hexadecimal and random names. */
const BARE = /([0-9A-Z]{12}\d{2})/uy;

/** Fourteen digits in their groups, for the engine to look for; long repeats are slow to find. */
const ANY_NUMERIC = /\d{2}[. -]?\d{3}[. -]?\d{3}[. -]?\d{3}\d/u;
/** A pair of digits behind a slash and four signs, or behind capitals and digits. */
const ANY_LETTERED =
  /\d{2}(?<=\/[0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][- ]?\d{2}|[0-9A-Z]{3}[0-9A-Z]{3}[0-9A-Z]{3}[0-9A-Z]{3}\d{2})/u;

const DOT = 46;
const SLASH = 47;
const LOWER_C = 99;
const LABEL = 'cnpj';

const SHAPES: readonly RegExp[] = [PUNCTUATED, NUMERIC, BARE];

/** Where in the token at `start` a number may begin: behind a label or the tail of an escape. */
function numberStart(text: string, start: number): number {
  const first = text.charCodeAt(start) | 32;
  if (first === LOWER_C && text.slice(start, start + LABEL.length).toLowerCase() === LABEL) {
    return start + LABEL.length;
  }
  return isEscapeTail(text, start) ? start + 1 : start;
}

function isDigitPair(text: string, at: number): boolean {
  return isDigit(text.charCodeAt(at)) && isDigit(text.charCodeAt(at + 1));
}

/** Whether the slash of the punctuated form is at `slash`, with check digits where they belong. */
function isBranch(text: string, slash: number): boolean {
  if (text.charCodeAt(slash) !== SLASH) return false;
  return isDigitPair(text, slash + 5) || isDigitPair(text, slash + 6);
}

/** Whether the signs at the places that matter allow any of the shapes; decides most tokens. */
function isLikely(text: string, start: number): boolean {
  if (isDigitPair(text, start + 12) && isAlphanumeric(text.charCodeAt(start + 8))) return true;
  if (isDigitPair(text, start) && isDigitPair(text, start + 3)) return true;
  return isBranch(text, start + 8) || isBranch(text, start + 9) || isBranch(text, start + 10);
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
  mayFind: (text) => ANY_NUMERIC.test(text) || ANY_LETTERED.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let at = 0;
    while (at < text.length) {
      if (!isAlphanumeric(text.charCodeAt(at))) {
        at += 1;
        continue;
      }
      const start = numberStart(text, at);
      const isDecimal = text.charCodeAt(at - 1) === DOT && isDigit(text.charCodeAt(at - 2));
      const end = !isDecimal && isLikely(text, start) ? numberEnd(text, start) : undefined;
      if (end !== undefined) found.push({ start, end, class: 'cnpj' });
      at = end ?? runEnd(text, at, isAlphanumeric);
    }
    return found;
  },
};
