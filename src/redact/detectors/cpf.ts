import { mayEndNumber, mayStartNumber } from './boundary.ts';
import { isDigit } from './characters.ts';
import { isCpf } from './check-digits.ts';
import type { Detection, Detector } from './detector.ts';

const LABELS = /cpf$/iu;
/** `529.982.247-25` with any one sign, or none, in the three places. */
const SHAPE = /(\d{3})[. -]?(\d{3})[. -]?(\d{3})[-./ ]?(\d{2})/uy;

/**
 * Finds Brazilian personal numbers (CPF), bare or punctuated, by their check digits.
 *
 * One in a hundred numbers of eleven digits satisfies them by chance and is taken for a CPF; a
 * missed one could not be deleted later.
 */
export const cpfDetector: Detector = {
  class: 'cpf',
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let at = 0;
    while (at < text.length) {
      if (!isDigit(text.charCodeAt(at)) || isDigit(text.charCodeAt(at - 1))) {
        at += 1;
        continue;
      }
      SHAPE.lastIndex = at;
      const match = SHAPE.exec(text);
      const end = at + (match?.[0].length ?? 1);
      if (match !== null && isCpfAt(text, at, match)) {
        found.push({ start: at, end, class: 'cpf' });
        at = end;
      } else {
        at += 1;
      }
    }
    return found;
  },
};

function isCpfAt(text: string, start: number, match: RegExpExecArray): boolean {
  const [whole, ...groups] = match;
  if (!mayStartNumber(text, start, LABELS) || !mayEndNumber(text, start + whole.length))
    return false;
  return isCpf(groups.join(''));
}
