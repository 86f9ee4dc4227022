import { mayEndNumber, mayStartNumber } from './boundary.ts';
import { isCpf } from './check-digits.ts';
import type { Detection, Detector } from './detector.ts';

const LABELS = /cpf$/iu;
/** `529.982.247-25` with any one sign, or none, in the three places. */
const SHAPE = /(?<!\d)(\d{3})[. -]?(\d{3})[. -]?(\d{3})[-./ ]?(\d{2})/gu;
const ANYWHERE = /\d{3}[. -]?\d{3}[. -]?\d{3}[-./ ]?\d{2}/u;

/**
 * Finds Brazilian personal numbers (CPF), bare or punctuated, by their check digits.
 *
 * One in a hundred numbers of eleven digits satisfies them by chance and is taken for a CPF; a
 * missed one could not be deleted later.
 */
export const cpfDetector: Detector = {
  class: 'cpf',
  mayFind: (text) => ANYWHERE.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    SHAPE.lastIndex = 0;
    for (let match = SHAPE.exec(text); match !== null; match = SHAPE.exec(text)) {
      const start = match.index;
      const end = start + match[0].length;
      const isFound = isCpfAt(text, start, match);
      if (isFound) found.push({ start, end, class: 'cpf' });
      SHAPE.lastIndex = isFound ? end : start + 1;
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
