/**
 * What detectors ask about single characters and small pieces of a text. Characters are UTF-16
 * units; outside of a text stands `NaN`, as `charCodeAt` has it, which belongs to no kind.
 */
export const QUOTE = 34;
export const PERCENT = 37;
export const PLUS = 43;
export const HYPHEN = 45;
export const DOT = 46;
export const SLASH = 47;
export const COLON = 58;
export const EQUALS = 61;
export const AT = 64;
export const BACKSLASH = 92;
export const UNDERSCORE = 95;

/** Whether a unit is one of `0-9`. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whether a unit is one of `A-Z` or `a-z`. */
export function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}

/** Whether a unit is an ASCII letter or digit. */
export function isAlphanumeric(code: number): boolean {
  return isDigit(code) || isLetter(code);
}

/** Whether a unit is a hexadecimal digit of either case. */
export function isHexDigit(code: number): boolean {
  const lower = code | 32;
  return isDigit(code) || (lower >= 97 && lower <= 102);
}

/** Whether a unit may stand in a base64url text: letters, digits, `-` and `_`. */
export function isBase64Url(code: number): boolean {
  return isAlphanumeric(code) || code === HYPHEN || code === UNDERSCORE;
}

/** Whether a unit is white space that separates words on one line or ends the line. */
export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0;
}

const LETTER = /[\p{L}\p{M}\p{N}]/u;

/** Whether a unit beyond ASCII is a letter, a mark on one, or a numeral; surrogates are none. */
export function isForeignLetter(code: number): boolean {
  return code >= 0xaa && LETTER.test(String.fromCharCode(code));
}

/** First unit behind the Latin letters. */
const BEYOND_LATIN = 0x250;

/** Whether a unit belongs to another script than Latin. */
export function isBeyondLatin(code: number): boolean {
  return code >= BEYOND_LATIN;
}

/** The units of signs, for a quick look whether one of them is met. */
export function codesOf(signs: string): ReadonlySet<number> {
  return new Set(Array.from(signs, (sign) => sign.charCodeAt(0)));
}

/** Offset of the first unit at or after `from` that `accepts` refuses, or the length of the text. */
export function runEnd(text: string, from: number, accepts: (code: number) => boolean): number {
  let at = from;
  while (at < text.length && accepts(text.charCodeAt(at))) at += 1;
  return at;
}

/** Offset behind the last unit before `end` that is none of `signs`; passes over `most` of them. */
export function skipBack(text: string, end: number, signs: string, most: number): number {
  let at = end;
  while (at > 0 && end - at < most && signs.includes(text.charAt(at - 1))) at -= 1;
  return at;
}

/** What a sticky pattern meets at `at`; the empty text when that is nothing. */
export function matchAt(pattern: RegExp, text: string, at: number): string {
  return execAt(pattern, text, at)?.[0] ?? '';
}

/** {@link matchAt} with the groups of the pattern. */
export function execAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Whether a value has that many characters, letters and digits both: it is no word, no number. */
export function isOpaque(value: string, fewest: number): boolean {
  return value.length >= fewest && /\d/u.test(value) && /[a-z]/iu.test(value);
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
  if (before === DOT) return !isDigit(text.charCodeAt(start - 2));
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
  return !(after === DOT && isDigit(text.charCodeAt(end + 1)));
}

/** Whether an ASCII letter or digit stands before `start` and makes one word of the two. */
export function continuesWord(text: string, start: number): boolean {
  return isAlphanumeric(text.charCodeAt(start - 1)) && !isEscapeTail(text, start - 1);
}

/** Whether the letter at `at` belongs to `\n`, `\r` or `\t` written out in quoted text. */
export function isEscapeTail(text: string, at: number): boolean {
  const letter = text.charCodeAt(at);
  const escapes = letter === 110 || letter === 114 || letter === 116;
  return escapes && text.charCodeAt(at - 1) === BACKSLASH;
}
