import {
  PLUS,
  continuesWord,
  isAlphanumeric,
  isDigit,
  isLetter,
  matchAt,
  skipBack,
} from './characters.ts';
import type { Detector } from './detector.ts';
import { findAtMatches } from './detector.ts';

/** Digits of an international number without its plus (ITU-T E.164 allows 15). */
const FEWEST = 8;
const MOST = 15;
/** How far in front of a number its key word may stand. */
const WORD_WINDOW = 40;

const GAP = '[ .()/\\t\\u00a0-]';
/** A country code, perhaps in brackets, and groups of digits with some signs between them. */
const INTERNATIONAL = new RegExp(
  `(?:\\(\\s?\\+[1-9]\\d{0,2}\\s?\\)|\\+[1-9]\\d{0,14})(?:${GAP}{1,4}\\d{1,12}){0,6}`,
  'uy',
);
/** Groups of digits, the area code perhaps in brackets or behind the code of a carrier. */
const LOCAL =
  /(?:\(\s?(?:0?(?:xx|\d\d))?\d{2,5}\s?\)[ .\t\u00a0-]{0,2}\d{2,12}|0?(?:xx|XX)\d{2}|\d{2,15})(?:[ .\t\u00a0-]{1,2}\d{1,12}){0,5}/uy;
/** The national form of Brazil: an area code in brackets and a mobile or fixed number. */
const NATIONAL =
  /\((?:0?[1-9]\d|0?xx[1-9]\d)\)[ \t\u00a0]{0,2}(?:9[ .]?\d{4}|[2-5]\d{3})[ .-]?\d{4}/iuy;
/** `0xx11 98765-4321`: the code of any carrier, as it is printed. */
const CARRIER = /0[ -]?xx[ -]?[1-9]\d[ .-]{0,2}9?\d{4}[ .-]?\d{4}/iuy;

/** Where a number may begin, and what every one of them has, for the engine to look for. */
const BEGINNING = /(?<!\d)(?:\(\s?\+[1-9]\d{0,2}\s?\)|\+[1-9]|\(?\s?0?(?:xx|\d{2})|0[ -]?xx)/giu;
const ANY_INTERNATIONAL = /\+[1-9]/u;
const ANY_LOCAL = new RegExp(`\\d{2}${`${GAP}{0,3}\\d`.repeat(FEWEST - 2)}`, 'u');

/**
 * Finds phone numbers, which have no check digit and look like many other numbers: with a `+` and
 * a country code of which so many digits may follow, in the national form of Brazil with its area
 * code in brackets, or right behind a key word such as "phone", "tel", "celular".
 */
export const phoneDetector: Detector = {
  class: 'phone',
  mayFind: (text) => ANY_LOCAL.test(text) || (text.includes('+') && ANY_INTERNATIONAL.test(text)),
  find: (text) => findAtMatches(text, BEGINNING, 'phone', phoneEnd),
};

function phoneEnd(text: string, { index, 0: begins }: RegExpExecArray): number | undefined {
  if (!hasDigitsAhead(text, index)) return undefined;
  if (begins.includes('+')) return internationalEnd(text, index);
  return nationalEnd(text, index) ?? localEnd(text, index);
}

/** Whether enough digits follow, close to each other; decides most places. */
function hasDigitsAhead(text: string, at: number): boolean {
  let digits = 0;
  let gap = 0;
  for (let index = at; gap < 5 && digits < FEWEST; index += 1) {
    const code = text.charCodeAt(index);
    const isOne = isDigit(code);
    // Another number begins.
    if (digits > 0 && code === PLUS) return false;
    digits += isOne ? 1 : 0;
    gap = isOne ? 0 : gap + 1;
  }
  return digits >= FEWEST;
}

/** Digits of complete numbers with their country code, where they are fixed; else up to 13. */
const COMPLETE: readonly (readonly [code: string, fewest: number, most: number])[] = [
  ['1', 11, 11],
  ['7', 11, 11],
  ['20', 11, 12],
  ['27', 11, 11],
  ['31', 11, 11],
  ['33', 11, 11],
  ['34', 11, 11],
  ['39', 9, 13],
  ['41', 11, 11],
  ['44', 11, 12],
  ['45', 10, 10],
  ['46', 9, 12],
  ['47', 10, 10],
  ['48', 11, 11],
  ['49', 9, 14],
  ['51', 10, 11],
  ['52', 12, 13],
  ['54', 12, 13],
  ['55', 12, 13],
  ['56', 11, 11],
  ['57', 11, 12],
  ['61', 11, 11],
  ['81', 11, 12],
  ['82', 10, 13],
  ['86', 12, 13],
  ['90', 12, 12],
  ['91', 12, 12],
  ['351', 12, 12],
  ['352', 9, 12],
  ['353', 10, 12],
  ['354', 10, 10],
  ['358', 9, 13],
];
/** Codes of two digits that the ITU gave to a country; all others have three. */
const TWO_DIGIT_CODES: ReadonlySet<string> = new Set(
  (
    '20 27 28 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 ' +
    '64 65 66 81 82 84 86 90 91 92 93 94 95 98'
  ).split(' '),
);
const UNUSED_CODES =
  /^(?:21[0-57-9]|28|83|89|29[2-6]|38[48]|42[2-9]|69[3-9]|80[1-79]|85[1478]|97[89]|999)/u;

/** How many digits a number with this country code has; `undefined` for a code of nobody. */
function lengthOf(digits: string): readonly [fewest: number, most: number] | undefined {
  const known = COMPLETE.find(([code]) => digits.startsWith(code));
  if (known !== undefined) return [known[1], known[2]];
  if (UNUSED_CODES.test(digits)) return undefined;
  return TWO_DIGIT_CODES.has(digits.slice(0, 2)) ? [10, 13] : [9, 13];
}

/** Offset behind an international number; what stands behind the last digit it needs is not part. */
function internationalEnd(text: string, start: number): number | undefined {
  const plus = text.indexOf('+', start);
  if (text.charCodeAt(plus - 1) === PLUS || isJoined(text, plus)) return undefined;
  const whole = matchAt(INTERNATIONAL, text, start);
  const length = lengthOf(whole.replace(/\D/gu, ''));
  if (length === undefined || isDecimal(whole)) return undefined;
  const [fewest, most] = length;
  const complete = upTo(whole, most);
  const digits = countDigits(complete);
  const end = start + withoutClock(complete, fewest, text.slice(start + complete.length)).length;
  if (digits < fewest || digits > most || isAlphanumeric(text.charCodeAt(end))) return undefined;
  return isNorthAmerican(complete) ? end : undefined;
}

/** Whether a plus joins two words or numbers, and is no sign of a number behind a label. */
function isJoined(text: string, plus: number): boolean {
  if (!continuesWord(text, plus)) return false;
  return !/(?:tel|phone|fone|cel|celular|whatsapp|mobile|sms|fax|to|para|from|de)$/iu.test(
    text.slice(Math.max(0, plus - 10), plus),
  );
}

/** `+23.550520` is a coordinate. */
function isDecimal(whole: string): boolean {
  return /^\+\d{1,3}\.\d{5,}$/u.test(whole);
}

/** Area codes of North America begin with 2 to 9. */
function isNorthAmerican(whole: string): boolean {
  const digits = whole.replace(/\D/gu, '');
  return !digits.startsWith('1') || /^1[2-9]/u.test(digits);
}

const LAST_GROUP = /[^\d+]{1,4}\d+$/u;

/** The number without the groups that go beyond the most digits it may have. */
function upTo(whole: string, most: number): string {
  let number = whole;
  while (countDigits(number) > most && LAST_GROUP.test(number))
    number = number.replace(LAST_GROUP, '');
  return number;
}

/** The number without a time of day or a date that follows it: `… 4321 10:00`, `… 2026-11-27`. */
function withoutClock(number: string, fewest: number, behind: string): string {
  const shorter = number.replace(/[ \t]\d{1,4}$/u, '');
  if (shorter === number || countDigits(shorter) < fewest) return number;
  return /^[:/-]\d/u.test(behind) ? shorter : number;
}

function countDigits(text: string): number {
  return text.replace(/\D/gu, '').length;
}

/** Words that announce a phone number, also at the end of a name such as `userPhone`. */
const LONG_WORD =
  'phone|telefone|tel[eé]fono|telefon|t[eé]l[eé]phone|celular|mobile|mobil|handy|whats?app|msisdn|contato|contacto';
/** Short ones count as whole words only. */
const SHORT_WORD = 'tel|fone|cel|cell|fax|sms|zap|wpp|ligar|ligue|ramal|liga[çc][aã]o|recado';
const LINK = '(?:[ _-]?(?:number|numero|número|no|nr|para|to|from|is|em|do|de|com))?';

/** Signs between the key word and its number, and how many there may be. */
const BETWEEN = ' "\'\\:=#.\t([';
const MOST_BETWEEN = 7;

const KEY_WORD = new RegExp(
  `(?:(?:${LONG_WORD})s?|(?:^|[^a-z])(?:${SHORT_WORD}))${LINK}[ "'\\\\\\t(\\[]{0,3}[:=#.]?[ "'\\\\\\t(\\[]{0,3}$`,
  'iu',
);

/** Dates and clock-like groups that stand where a number could. */
const NOT_A_NUMBER =
  /^(?:\d{4}[-. ]\d{2}[-. ]\d{2}|\d{1,3}(?:\.\d{1,3}){3}$|\d{2}[-.]\d{2}[-.]\d{4}$)/u;

function nationalEnd(text: string, start: number): number | undefined {
  const first = text.charAt(start);
  if (first !== '(' && first !== '0') return undefined;
  const found = matchAt(NATIONAL, text, start) || matchAt(CARRIER, text, start);
  const end = start + found.length;
  if (found === '' || continuesWord(text, start) || isAlphanumeric(text.charCodeAt(end))) {
    return undefined;
  }
  return end;
}

/** Digits of a national number with its area code and the digit of a trunk or of mobiles. */
const MOST_LOCAL = 13;

function localEnd(text: string, start: number): number | undefined {
  if (!followsLetters(text, start)) return undefined;
  if (text.charCodeAt(start - 1) === PLUS || continuesWord(text, start)) return undefined;
  const whole = upTo(matchAt(LOCAL, text, start), MOST);
  const most = upTo(whole, MOST_LOCAL);
  const number = withoutClock(most, FEWEST, text.slice(start + most.length));
  const digits = countDigits(number);
  const end = start + number.length;
  if (digits < FEWEST || digits > MOST || isAlphanumeric(text.charCodeAt(end))) return undefined;
  if (NOT_A_NUMBER.test(number)) return undefined;
  return KEY_WORD.test(text.slice(Math.max(0, start - WORD_WINDOW), start)) ? end : undefined;
}

/** Whether letters stand in front of a number, as a key word does; decides most places. */
function followsLetters(text: string, start: number): boolean {
  const end = skipBack(text, start, BETWEEN, MOST_BETWEEN);
  return isLetter(text.charCodeAt(end - 1));
}
