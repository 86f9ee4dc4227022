import type { Detection, Detector } from './detector.ts';

const BEGIN = '-----BEGIN ';
const LABEL = /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----/uy;

/**
 * Finds private keys in PEM (RFC 7468) and OpenPGP armour, from the first dash to the last. One
 * whose end was cut off reaches to the end of the text.
 */
export const privateKeyDetector: Detector = {
  class: 'key',
  mayFind: (text) => text.includes('BEGIN ') && text.includes(BEGIN),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let start = text.indexOf(BEGIN);
    while (start !== -1) {
      LABEL.lastIndex = start;
      const label = LABEL.exec(text)?.[1];
      let next = start + BEGIN.length;
      if (label !== undefined) {
        const closing = `-----END ${label}-----`;
        const at = text.indexOf(closing, next);
        next = at === -1 ? text.length : at + closing.length;
        found.push({ start, end: next, class: 'key' });
      }
      start = text.indexOf(BEGIN, next);
    }
    return found;
  },
};
