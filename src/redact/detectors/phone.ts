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
const WORD_WINDOW = 32;

/** A country code and groups of digits with at most two signs between them. */
const INTERNATIONAL = /\+[1-9]\d{0,14}(?:[ .()/\u00a0-]{1,2}\d{1,12}){0,6}/uy;
/** Groups of digits, the area code perhaps in brackets. */
const LOCAL = /(?:\(\d{2,5}\)[ .\u00a0-]{0,2}\d{2,12}|\d{2,15})(?:[ .\u00a0-]{1,2}\d{1,12}){0,5}/uy;

/** Where a number may begin, and what every one of them has, for the engine to look for. */
const BEGINNING = /(?<!\d)(?:\+[1-9]|\(?\d{2})/gu;
const ANY_INTERNATIONAL = /\+[1-9]/u;
const ANY_LOCAL = new RegExp(`\\d{2}${'[ .()/\\u00a0-]{0,2}\\d'.repeat(FEWEST - 2)}`, 'u');

/**
 * Finds phone numbers, which have no check digit and look like many other numbers: only with a
 * leading `+` and a country code, or right behind a key word such as "phone", "tel", "celular".
 */
export const phoneDetector: Detector = {
  class: 'phone',
  mayFind: (text) => ANY_LOCAL.test(text) || (text.includes('+') && ANY_INTERNATIONAL.test(text)),
  find: (text) => findAtMatches(text, BEGINNING, 'phone', phoneEnd),
};

function phoneEnd(text: string, { index }: RegExpExecArray): number | undefined {
  if (!hasDigitsAhead(text, index)) return undefined;
  if (text.charCodeAt(index) === PLUS) return numberEnd(text, index, INTERNATIONAL);
  return localEnd(text, index);
}

/** Whether enough digits follow, close to each other; decides most places. */
function hasDigitsAhead(text: string, at: number): boolean {
  let digits = 0;
  let gap = 0;
  for (let index = at; gap < 3 && digits < FEWEST; index += 1) {
    const isOne = isDigit(text.charCodeAt(index));
    digits += isOne ? 1 : 0;
    gap = isOne ? 0 : gap + 1;
  }
  return digits >= FEWEST;
}

/** Offset behind the number at `start` when its digits are as many as a phone has. */
function numberEnd(text: string, start: number, shape: RegExp): number | undefined {
  if (text.charCodeAt(start - 1) === PLUS || continuesWord(text, start)) return undefined;
  const whole = groupsAt(text, start, shape);
  const digits = countDigits(whole);
  const end = start + whole.length;
  if (digits < FEWEST || digits > MOST || isAlphanumeric(text.charCodeAt(end))) return undefined;
  return end;
}

const LAST_GROUP = /[^\d+]{1,2}\d+$/u;

/** What `shape` matches at `start`, without groups that go beyond the longest number. */
function groupsAt(text: string, start: number, shape: RegExp): string {
  let whole = matchAt(shape, text, start);
  while (countDigits(whole) > MOST && LAST_GROUP.test(whole)) whole = whole.replace(LAST_GROUP, '');
  return whole;
}

function countDigits(text: string): number {
  return text.replace(/\D/gu, '').length;
}

/** Words that announce a phone number, also at the end of a name such as `userPhone`. */
const LONG_WORD = 'phone|telefone|tel[eé]fono|celular|mobile|whatsapp|msisdn';
/** Short ones count as whole words only. */
const SHORT_WORD = 'tel|fone|cel|cell|fax|sms|zap|ligar|ligue|ramal';
const LINK = '(?:[ _-]?(?:number|numero|número|no|nr|para|to|from|is|em|do|de))?';

/** Signs between the key word and its number, and how many there may be. */
const BETWEEN = ' "\'\\:=#.';
const MOST_BETWEEN = 7;

const KEY_WORD = new RegExp(
  `(?:(?:${LONG_WORD})s?|(?:^|[^a-z])(?:${SHORT_WORD}))${LINK}[ "'\\\\]{0,3}[:=#.]?[ "'\\\\]{0,3}$`,
  'iu',
);

/** Dates and clock-like groups that stand where a number could. */
const NOT_A_NUMBER =
  /^(?:\d{4}[-. ]\d{2}[-. ]\d{2}|\d{1,3}(?:\.\d{1,3}){3}$|\d{2}[-.]\d{2}[-.]\d{4}$)/u;

function localEnd(text: string, start: number): number | undefined {
  if (!followsLetters(text, start)) return undefined;
  const end = numberEnd(text, start, LOCAL);
  if (end === undefined || NOT_A_NUMBER.test(text.slice(start, end))) return undefined;
  return KEY_WORD.test(text.slice(Math.max(0, start - WORD_WINDOW), start)) ? end : undefined;
}

/** Whether letters stand in front of a number, as a key word does; decides most places. */
function followsLetters(text: string, start: number): boolean {
  const end = skipBack(text, start, BETWEEN, MOST_BETWEEN);
  return isLetter(text.charCodeAt(end - 1));
}
