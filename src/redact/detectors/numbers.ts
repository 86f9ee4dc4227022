import {
  DOT,
  SLASH,
  execAt,
  isAlphanumeric,
  isDigit,
  isEscapeTail,
  mayEndNumber,
  mayStartNumber,
  runEnd,
} from './characters.ts';
import type { Detection, Detector } from './detector.ts';
import { findAtMatches } from './detector.ts';

/** `529.982.247-25`, with one style of signs between the groups, or none. */
const CPF = /(?<!\d)(\d{3})([. -]?)(\d{3})\2(\d{3})([-./ ]?)(\d{2})/gu;
/** The same for the engine to look for. */
const ANY_CPF = /\d{3}[. -]?\d{3}[. -]?\d{3}[-./ ]?\d{2}/u;
const CPF_LABEL = /cpf$/iu;
/** The signs that may stand before the check digits, by the sign between the groups. */
const LAST_SIGNS: Readonly<Record<string, string>> = {
  '.': '-./ ',
  ' ': ' -',
  '-': '-/',
  '': '-/',
};

/**
 * Finds Brazilian personal numbers (CPF), bare or punctuated, by their check digits.
 *
 * One in a hundred numbers of eleven digits satisfies them by chance and is taken for a CPF; a
 * missed one could not be deleted later. Numbers in unlike groups, such as a time of day and a
 * process id, are none, and four groups with dots that are an IPv4 address are that.
 */
export const cpfDetector: Detector = {
  class: 'cpf',
  mayFind: (text) => ANY_CPF.test(text),
  find: (text) => findAtMatches(text, CPF, 'cpf', cpfEnd),
};

function cpfEnd(text: string, match: RegExpExecArray): number | undefined {
  const [whole] = match;
  const start = match.index;
  const end = start + whole.length;
  if (!mayStartNumber(text, start, CPF_LABEL) || !mayEndNumber(text, end)) return undefined;
  if (!hasOneStyle(text, match) || !isCpf(whole.replace(/\D/gu, ''))) return undefined;
  return IPV4.test(whole) && !hasLabel(text, start, CPF_NAMED) ? undefined : end;
}

/** Whether the signs between the groups are of one style, and the groups no part of a longer row. */
function hasOneStyle(
  text: string,
  { index, 0: whole, 2: sign = '', 5: last = '' }: RegExpExecArray,
): boolean {
  if (!(LAST_SIGNS[sign] ?? '').includes(last)) return false;
  const end = index + whole.length;
  return sign !== ' ' || !isPartOfRow(text, { start: index, end, size: 3, most: 1 });
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/u;
const CPF_NAMED = /cpf\W{0,4}$/iu;
const CNPJ_NAMED = /cnpj\W{0,4}$/iu;
const LABEL_WINDOW = 12;

function hasLabel(text: string, start: number, label: RegExp): boolean {
  return label.test(text.slice(Math.max(0, start - LABEL_WINDOW), start));
}

/** How far around a number its row is looked at. */
const ROW_WINDOW = 12;

/**
 * Whether a number with signs between its groups is part of a longer row of such groups, of as many
 * digits and joined by the same sign, before it and behind it together.
 */
export function isPartOfRow(
  text: string,
  { start, end, size, most }: { start: number; end: number; size: number; most: number },
): boolean {
  const sign = /[^0-9]/u.exec(text.slice(start, end))?.[0] ?? '';
  if (sign === '') return false;
  const before = text.slice(Math.max(0, start - ROW_WINDOW), start).split(sign);
  const behind = text.slice(end, end + ROW_WINDOW).split(sign);
  const isGroup = (piece: string): boolean => piece.length === size && /^\d+$/u.test(piece);
  const count = (pieces: readonly string[]): number => {
    const first = pieces.findIndex((piece) => !isGroup(piece));
    return first === -1 ? pieces.length : first;
  };
  // What touches the number itself is the empty piece between it and the first sign.
  const isApart = before.pop() === '' && before.length > 0;
  const groups = isApart ? count(before.toReversed()) : 0;
  return groups + (behind.shift() === '' ? count(behind) : 0) >= most;
}

/** With the slash that only this number has; the other signs may be missing. */
const PUNCTUATED_CNPJ =
  /([0-9A-Z]{2})[. ]?([0-9A-Z]{3})[. ]?([0-9A-Z]{3})\/([0-9A-Z]{4})[- ]?(\d{2})/iuy;
/** Digits in the groups of the number, with one other sign between them. */
const NUMERIC_CNPJ = /\d{2}([. -])\d{3}\1\d{3}[. -]\d{4}[- ]?\d{2}/uy;
/** Fourteen characters in a row, perhaps with a dash; lower case is left to hexadecimal names. */
const BARE_CNPJ = /([0-9A-Z]{12})-?(\d{2})/uy;
const CNPJ_SHAPES: readonly RegExp[] = [PUNCTUATED_CNPJ, NUMERIC_CNPJ, BARE_CNPJ];

/** Fourteen digits in their groups, for the engine to look for; long repeats are slow to find. */
const ANY_NUMERIC_CNPJ = /\d{2}[. -]?\d{3}[. -]?\d{3}[. -]?\d{3}\d/u;
/** A pair of digits behind a slash and four signs, or behind capitals and digits. */
const ANY_LETTERED_CNPJ =
  /\d{2}(?<=\/[0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][- ]?\d{2}|[0-9A-Z]{3}[0-9A-Z]{3}[0-9A-Z]{3}[0-9A-Z]{3}\d{2})/u;

/**
 * Finds Brazilian company numbers (CNPJ), numeric and alphanumeric, bare or punctuated, by their
 * check digits. Letters in lower case count only in the punctuated form.
 */
export const cnpjDetector: Detector = {
  class: 'cnpj',
  mayFind: (text) => ANY_NUMERIC_CNPJ.test(text) || ANY_LETTERED_CNPJ.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let at = 0;
    while (at < text.length) {
      if (!isAlphanumeric(text.charCodeAt(at))) {
        at += 1;
        continue;
      }
      const start = cnpjStart(text, at);
      const isDecimal = text.charCodeAt(at - 1) === DOT && isDigit(text.charCodeAt(at - 2));
      const end = !isDecimal && isLikelyCnpj(text, start) ? cnpjEnd(text, start) : undefined;
      if (end !== undefined) found.push({ start, end, class: 'cnpj' });
      at = end ?? runEnd(text, at, isAlphanumeric);
    }
    return found;
  },
};

const LOWER_C = 99;
const CNPJ_LABEL = 'cnpj';

/** Where in the token at `start` a number may begin: behind a label or the tail of an escape. */
function cnpjStart(text: string, start: number): number {
  const first = text.charCodeAt(start) | 32;
  const behindLabel = start + CNPJ_LABEL.length;
  if (first === LOWER_C && text.slice(start, behindLabel).toLowerCase() === CNPJ_LABEL) {
    return behindLabel;
  }
  return isEscapeTail(text, start) ? start + 1 : start;
}

/** Whether the signs at the places that matter allow any of the shapes; decides most tokens. */
function isLikelyCnpj(text: string, start: number): boolean {
  if (isDigitPair(text, start + 12) && isAlphanumeric(text.charCodeAt(start + 8))) return true;
  if (isDigitPair(text, start) && isDigitPair(text, start + 3)) return true;
  return isBranch(text, start + 8) || isBranch(text, start + 9) || isBranch(text, start + 10);
}

function isDigitPair(text: string, at: number): boolean {
  return isDigit(text.charCodeAt(at)) && isDigit(text.charCodeAt(at + 1));
}

/** Whether the slash of the punctuated form is at `slash`, with check digits where they belong. */
function isBranch(text: string, slash: number): boolean {
  if (text.charCodeAt(slash) !== SLASH) return false;
  return isDigitPair(text, slash + 5) || isDigitPair(text, slash + 6);
}

/** Offset behind the number that begins at `start`, or `undefined` when none does. */
function cnpjEnd(text: string, start: number): number | undefined {
  for (const shape of CNPJ_SHAPES) {
    const match = execAt(shape, text, start);
    if (match === null) continue;
    const [whole] = match;
    const end = start + whole.length;
    if (!mayEndNumber(text, end) || !isCnpj(whole.replace(/[^0-9A-Z]/giu, '').toUpperCase()))
      continue;
    if (shape === NUMERIC_CNPJ && isPartOfRow(text, { start, end, size: 3, most: 1 })) continue;
    if (!isClockTime(whole) || hasLabel(text, start, CNPJ_NAMED)) return end;
  }
  return undefined;
}

/** `20261127101500`: a day and a time of day, as names of files and migrations have it. */
const CLOCK_TIME =
  /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d$/u;

function isClockTime(text: string): boolean {
  return CLOCK_TIME.test(text);
}

/**
 * Whether eleven digits are a Brazilian personal number (CPF): two check digits modulo 11 with
 * weights 2 to 11 from the right; eleven equal digits are refused.
 */
export function isCpf(digits: string): boolean {
  if (!/^\d{11}$/u.test(digits) || isOneCharacterRepeated(digits)) return false;
  return endsInCheckDigits(digits, 11);
}

/**
 * Whether fourteen characters are a Brazilian company number (CNPJ), numeric or, as issued since
 * July 2026, with letters in the first twelve: a character counts its ASCII code less 48, weights
 * 2 to 9 from the right, modulo 11 (Receita Federal, Instrução Normativa 2.229/2024).
 *
 * @param characters - Without punctuation, letters in upper case.
 */
export function isCnpj(characters: string): boolean {
  if (!/^[0-9A-Z]{12}\d{2}$/u.test(characters) || isOneCharacterRepeated(characters)) return false;
  return endsInCheckDigits(characters, 9);
}

/** `00000000000` and its like satisfy the arithmetic, but nobody has such a number. */
function isOneCharacterRepeated(text: string): boolean {
  return text === text.charAt(0).repeat(text.length);
}

const ZERO = 48;

/** Whether the last two digits of a number are its check digits, weights 2 to `highestWeight`. */
function endsInCheckDigits(text: string, highestWeight: number): boolean {
  const first = modulo11(weightedSum(text, text.length - 2, highestWeight));
  if (text.charCodeAt(text.length - 2) - ZERO !== first) return false;
  const second = modulo11(weightedSum(text, text.length - 1, highestWeight));
  return text.charCodeAt(text.length - 1) - ZERO === second;
}

/** Weighted sum of character values (ASCII code less 48), the weights given right to left. */
function weightedSum(text: string, length: number, highestWeight: number): number {
  let sum = 0;
  let weight = 2;
  for (let index = length - 1; index >= 0; index -= 1) {
    sum += (text.charCodeAt(index) - ZERO) * weight;
    weight = weight === highestWeight ? 2 : weight + 1;
  }
  return sum;
}

/** The check digit that modulo 11 gives: 0 for a remainder below two. */
function modulo11(sum: number): number {
  const remainder = sum % 11;
  return remainder < 2 ? 0 : 11 - remainder;
}
