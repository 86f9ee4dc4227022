import { mayEndNumber, mayStartNumber } from './boundary.ts';
import { isDigit, runEnd } from './characters.ts';
import { satisfiesLuhn } from './check-digits.ts';
import type { Detection, Detector } from './detector.ts';
import { isIssued } from './issuer-range.ts';

const LABELS = /(?:card|cartao|cartão|pan|cc)$/iu;
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

/** Offset behind the card number that begins at `start`, or `undefined` when none does. */
function cardEnd(text: string, start: number, runEnds: number): number | undefined {
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
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let at = 0;
    while (at < text.length) {
      const runEnds = runEnd(text, at, isDigit);
      if (runEnds - at < 4) {
        at = runEnds + 1;
        continue;
      }
      const end = cardEnd(text, at, runEnds);
      if (end !== undefined) found.push({ start: at, end, class: 'card' });
      at = end ?? runEnds;
    }
    return found;
  },
};
