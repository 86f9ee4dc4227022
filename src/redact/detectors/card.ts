import { mayEndNumber, mayStartNumber } from './boundary.ts';
import { satisfiesLuhn } from './check-digits.ts';
import type { Detection, Detector } from './detector.ts';
import { isIssued } from './issuer-range.ts';

const LABELS = /(?:card|cartao|cartão|pan|cc)$/iu;
/** Eight digits that every printed form has; repeats above three are slow to find. */
const EIGHT_DIGITS = /\d{3}\d[ .\u00a0-]?\d{3}\d/u;
/** Where a number begins: the first group has no fewer digits. */
const DIGITS = /\d{4,}/gu;
const SHORTEST = 13;
const LONGEST = 19;

/** How card numbers are printed, one sign between groups; the longest first. */
const GROUPED: readonly RegExp[] = [
  /\d{4}([ .\u00a0-])\d{4}\1\d{4}\1\d{4}\1\d{1,3}/uy,
  /\d{4}([ .\u00a0-])\d{4}\1\d{4}\1\d{4}/uy,
  /\d{4}([ .\u00a0-])\d{6}\1\d{4,5}/uy,
  /\d{4}([ .\u00a0-])\d{4}\1\d{4}\1\d{1,3}/uy,
  /\d{6}([ .\u00a0-])\d{7,13}/uy,
];

function isCard(digits: string): boolean {
  if (digits.length < SHORTEST || digits.length > LONGEST) return false;
  return isIssued(digits) && satisfiesLuhn(digits);
}

/** No scheme has numbers that begin with another digit. */
function isFirstDigit(code: number): boolean {
  return (code >= 50 && code <= 54) || code === 56;
}

/** Offset behind the card number that begins at `start`, or `undefined` when none does. */
function cardEnd(text: string, start: number, runEnds: number): number | undefined {
  if (!isFirstDigit(text.charCodeAt(start))) return undefined;
  if (!mayStartNumber(text, start, LABELS)) return undefined;
  if (mayEndNumber(text, runEnds) && isCard(text.slice(start, runEnds))) return runEnds;
  for (const shape of GROUPED) {
    shape.lastIndex = start;
    const whole = shape.exec(text)?.[0] ?? '';
    const end = start + whole.length;
    if (whole !== '' && mayEndNumber(text, end) && isCard(whole.replace(/\D/gu, ''))) return end;
  }
  return undefined;
}

/**
 * Finds payment card numbers: 13 to 19 digits, bare or in printed groups, of an issuer range,
 * with a Luhn check digit, and not part of a longer run of digits.
 */
export const cardDetector: Detector = {
  class: 'card',
  mayFind: (text) => EIGHT_DIGITS.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    DIGITS.lastIndex = 0;
    for (let match = DIGITS.exec(text); match !== null; match = DIGITS.exec(text)) {
      const start = match.index;
      const runEnds = DIGITS.lastIndex;
      const end = cardEnd(text, start, runEnds);
      if (end !== undefined) found.push({ start, end, class: 'card' });
      DIGITS.lastIndex = end ?? runEnds;
    }
    return found;
  },
};
