/** Whether a UTF-16 unit is one of `0-9`; `false` for `NaN`, what `charCodeAt` gives outside. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whether a UTF-16 unit is one of `A-Z` or `a-z`. */
export function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}

/** Whether a UTF-16 unit is an ASCII letter or digit. */
export function isAlphanumeric(code: number): boolean {
  return isDigit(code) || isLetter(code);
}

/** Whether a UTF-16 unit is a hexadecimal digit of either case. */
export function isHexDigit(code: number): boolean {
  const lower = code | 32;
  return isDigit(code) || (lower >= 97 && lower <= 102);
}

/** Whether a UTF-16 unit may stand in a base64url text: letters, digits, `-` and `_`. */
export function isBase64Url(code: number): boolean {
  return isAlphanumeric(code) || code === 45 || code === 95;
}

/** Whether a UTF-16 unit is white space that separates words on one line or ends the line. */
export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0;
}

/**
 * Whether a UTF-16 unit beyond ASCII is part of a word. Punctuation, spaces and their full-width
 * forms are not; everything else is taken for a letter, which errs on the side of covering more.
 */
export function isForeignLetter(code: number): boolean {
  if (code < 0xc0) return false;
  if (code >= 0x2000 && code <= 0x206f) return false;
  if (code >= 0x3000 && code <= 0x303f) return false;
  return !(code >= 0xff00 && code <= 0xff0f) && !(code >= 0xff1a && code <= 0xff20);
}

/** Offset of the first unit at or after `from` that `accepts` refuses, or the length of the text. */
export function runEnd(text: string, from: number, accepts: (code: number) => boolean): number {
  let at = from;
  while (at < text.length && accepts(text.charCodeAt(at))) at += 1;
  return at;
}

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
