import { isAlphanumeric, isDigit, isLetter } from './characters.ts';

const LONGEST_LABEL = 16;

/**
 * Whether a number may begin at `start`: not inside a word, a longer number or the decimals of
 * one. A label written without a space before it (`cpf52998224725`) and the tail of an escape
 * sequence (`\n52998224725` in quoted text) do not count as the inside of a word.
 */
export function mayStartNumber(text: string, start: number, labels: RegExp): boolean {
  const before = text.charCodeAt(start - 1);
  if (isDigit(before)) return false;
  if (before === 46) return !isDigit(text.charCodeAt(start - 2));
  if (!isLetter(before)) return true;
  return (
    isEscapeTail(text, start - 1) ||
    labels.test(text.slice(Math.max(0, start - LONGEST_LABEL), start))
  );
}

/** Whether a number may end before `end`: no word and no decimals go on from there. */
export function mayEndNumber(text: string, end: number): boolean {
  const after = text.charCodeAt(end);
  if (isAlphanumeric(after)) return false;
  return !(after === 46 && isDigit(text.charCodeAt(end + 1)));
}

/** Whether an ASCII letter or digit stands before `start` and makes one word of the two. */
export function continuesWord(text: string, start: number): boolean {
  return isAlphanumeric(text.charCodeAt(start - 1)) && !isEscapeTail(text, start - 1);
}

/** Whether the letter at `at` belongs to `\n`, `\r` or `\t` written out in quoted text. */
export function isEscapeTail(text: string, at: number): boolean {
  const letter = text.charCodeAt(at);
  const escapes = letter === 110 || letter === 114 || letter === 116;
  return escapes && text.charCodeAt(at - 1) === 92;
}
