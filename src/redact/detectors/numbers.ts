import {
  DOT,
  SLASH,
  execAt,
  isAlphanumeric,
  isDigit,
  isEscapeTail,
  matchAt,
  mayEndNumber,
  mayStartNumber,
  runEnd,
} from './characters.ts';
import type { Detection, Detector } from './detector.ts';
import { findAtMatches } from './detector.ts';

/** `529.982.247-25` with any one sign, or none, in the three places. */
const CPF = /(?<!\d)(\d{3})[. -]?(\d{3})[. -]?(\d{3})[-./ ]?(\d{2})/gu;
/** The same for the engine to look for. */
const ANY_CPF = /\d{3}[. -]?\d{3}[. -]?\d{3}[-./ ]?\d{2}/u;
const CPF_LABEL = /cpf$/iu;

/**
 * Finds Brazilian personal numbers (CPF), bare or punctuated, by their check digits.
 *
 * One in a hundred numbers of eleven digits satisfies them by chance and is taken for a CPF; a
 * missed one could not be deleted later.
 */
export const cpfDetector: Detector = {
  class: 'cpf',
  mayFind: (text) => ANY_CPF.test(text),
  find: (text) => findAtMatches(text, CPF, 'cpf', cpfEnd),
};

function cpfEnd(text: string, match: RegExpExecArray): number | undefined {
  const [whole, ...groups] = match;
  const end = match.index + whole.length;
  if (!mayStartNumber(text, match.index, CPF_LABEL) || !mayEndNumber(text, end)) return undefined;
  return isCpf(groups.join('')) ? end : undefined;
}

/** With the slash that only this number has; the other signs may be missing. */
const PUNCTUATED_CNPJ =
  /([0-9A-Z]{2})[. ]?([0-9A-Z]{3})[. ]?([0-9A-Z]{3})\/([0-9A-Z]{4})[- ]?(\d{2})/iuy;
/** Digits in the groups of the number, with other signs or none between them. */
const NUMERIC_CNPJ = /(\d{2})[. -]?(\d{3})[. -]?(\d{3})[. -]?(\d{4})[- ]?(\d{2})/uy;
/** Fourteen characters in a row; lower case is left to hexadecimal and random names. */
const BARE_CNPJ = /([0-9A-Z]{12}\d{2})/uy;
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
    const [whole, ...groups] = match;
    const end = start + whole.length;
    if (mayEndNumber(text, end) && isCnpj(groups.join('').toUpperCase())) return end;
  }
  return undefined;
}

/** Where a card number begins: its first group has no fewer digits. */
const CARD = /(?<!\d)\d{3}\d/gu;
/** Eight digits that every printed form has; repeats above three are slow to find. */
const ANY_CARD = /\d{3}\d[ .\u00a0-]?\d{3}\d/u;

/**
 * Finds payment card numbers: 13 to 19 digits, bare or in printed groups, of an issuer range,
 * with a Luhn check digit, and not part of a longer run of digits.
 */
export const cardDetector: Detector = {
  class: 'card',
  mayFind: (text) => ANY_CARD.test(text),
  find: (text) => findAtMatches(text, CARD, 'card', cardEnd),
};

const CARD_LABEL = /(?:card|cartao|cartão|pan|cc)$/iu;
/** How card numbers are printed, one sign between groups; the longest first. */
const CARD_GROUPS: readonly RegExp[] = [
  /\d{4}([ .\u00a0-])\d{4}\1\d{4}\1\d{4}\1\d{1,3}/uy,
  /\d{4}([ .\u00a0-])\d{4}\1\d{4}\1\d{4}/uy,
  /\d{4}([ .\u00a0-])\d{6}\1\d{4,5}/uy,
  /\d{4}([ .\u00a0-])\d{4}\1\d{4}\1\d{1,3}/uy,
  /\d{6}([ .\u00a0-])\d{7,13}/uy,
];

function cardEnd(text: string, { index }: RegExpExecArray): number | undefined {
  if (!isFirstOfCard(text.charCodeAt(index))) return undefined;
  if (!mayStartNumber(text, index, CARD_LABEL)) return undefined;
  const bare = runEnd(text, index, isDigit);
  if (mayEndNumber(text, bare) && isCard(text.slice(index, bare))) return bare;
  for (const shape of CARD_GROUPS) {
    const whole = matchAt(shape, text, index);
    const end = index + whole.length;
    if (whole !== '' && mayEndNumber(text, end) && isCard(whole.replace(/\D/gu, ''))) return end;
  }
  return undefined;
}

/** No scheme has numbers that begin with another digit. */
function isFirstOfCard(code: number): boolean {
  return (code >= 50 && code <= 54) || code === 56;
}

const SHORTEST_CARD = 13;
const LONGEST_CARD = 19;

function isCard(digits: string): boolean {
  if (digits.length < SHORTEST_CARD || digits.length > LONGEST_CARD) return false;
  return isIssued(digits) && satisfiesLuhn(digits);
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

/** Whether digits satisfy the formula of ISO/IEC 7812-1, known as Luhn. */
export function satisfiesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const value = digits.charCodeAt(digits.length - 1 - index) - ZERO;
    const doubled = index % 2 === 1 ? value * 2 : value;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** First digits and lengths of one card scheme. */
interface IssuerRange {
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
}

const SIXTEEN: readonly number[] = [16];
const SIXTEEN_AND_MORE: readonly number[] = [16, 17, 18, 19];

function range(from: number, to: number, lengths: readonly number[]): IssuerRange {
  const scale = 10 ** (6 - String(from).length);
  return { from: from * scale, to: (to + 1) * scale - 1, lengths };
}

/** Issuer identification numbers (ISO/IEC 7812) of the schemes in use, by their first six digits. */
const RANGES: readonly IssuerRange[] = [
  range(4, 4, [13, 16, 19]), // Visa, and part of Elo
  range(51, 55, SIXTEEN), // Mastercard
  range(2221, 2720, SIXTEEN), // Mastercard
  range(34, 34, [15]), // American Express
  range(37, 37, [15]), // American Express
  range(300, 305, [14, 15, 16, 17, 18, 19]), // Diners Club
  range(3095, 3095, [14, 15, 16, 17, 18, 19]), // Diners Club
  range(36, 36, [14, 15, 16, 17, 18, 19]), // Diners Club
  range(38, 39, [14, 15, 16, 17, 18, 19]), // Diners Club
  range(6011, 6011, SIXTEEN_AND_MORE), // Discover
  range(644, 659, SIXTEEN_AND_MORE), // Discover, Elo, RuPay
  range(3528, 3589, SIXTEEN_AND_MORE), // JCB
  range(62, 62, SIXTEEN_AND_MORE), // UnionPay, Elo
  range(81, 82, SIXTEEN_AND_MORE), // UnionPay, RuPay
  range(2200, 2204, SIXTEEN_AND_MORE), // Mir
  range(5018, 5018, [13, 14, 15, 16, 17, 18, 19]), // Maestro
  range(5020, 5020, [13, 14, 15, 16, 17, 18, 19]), // Maestro
  range(5038, 5038, [13, 14, 15, 16, 17, 18, 19]), // Maestro
  range(5893, 5893, [13, 14, 15, 16, 17, 18, 19]), // Maestro
  range(6304, 6304, [13, 14, 15, 16, 17, 18, 19]), // Maestro
  range(6759, 6763, [13, 14, 15, 16, 17, 18, 19]), // Maestro
  range(504175, 504175, SIXTEEN), // Elo
  range(506699, 506778, SIXTEEN), // Elo
  range(509000, 509999, SIXTEEN), // Elo
  range(636297, 636297, SIXTEEN), // Elo
  range(636368, 636368, SIXTEEN), // Elo
  range(606282, 606282, SIXTEEN), // Hipercard
];

/** Whether a payment card scheme issues numbers of this length that begin like this. */
export function isIssued(digits: string): boolean {
  const first = Number(digits.slice(0, 6));
  return RANGES.some(
    ({ from, to, lengths }) => first >= from && first <= to && lengths.includes(digits.length),
  );
}
