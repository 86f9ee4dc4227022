import { matchAt, mayEndNumber, mayStartNumber } from './characters.ts';
import type { Detection, Detector } from './detector.ts';
import { isPartOfRow } from './numbers.ts';

/** Where a card number begins: its first group has no fewer digits. */
const DIGITS = /\d{4,}/gu;
/** Eight digits that every printed form has; repeats above three are slow to find. */
const ANY_CARD = /\d{3}\d[ .\u00a0-]?\d{3}\d/u;

/**
 * Finds payment card numbers: 13 to 19 digits of an issuer range with a Luhn check digit, in
 * printed groups, behind a word that speaks of cards, or bare with the length that almost all
 * cards of that issuer have.
 *
 * Bare digits of other lengths, and those whose label says that they are an id, a time or an
 * offset, are none: one in forty random ids satisfies ranges and check digit.
 */
export const cardDetector: Detector = {
  class: 'card',
  mayFind: (text) => ANY_CARD.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    DIGITS.lastIndex = 0;
    for (let match = DIGITS.exec(text); match !== null; match = DIGITS.exec(text)) {
      const behindRun = DIGITS.lastIndex;
      const end = cardEnd(text, match.index, behindRun);
      if (end !== undefined) found.push({ start: match.index, end, class: 'card' });
      DIGITS.lastIndex = end ?? behindRun;
    }
    return found;
  },
};

const CARD_LABEL = /(?:card|cartao|cartão|pan|cc)$/iu;
/** Words that announce a card number, with what may stand between them and it. */
const CARD_NAMED =
  /(?:card|cart[aã]o|tarjeta|karte|carte|visa|master|maestro|amex|elo|hiper|diners|discover|jcb|union|aura|dankort|cr[eé]dit|d[eé]bit|(?:^|[^a-z])(?:pan|cc))[a-z]{0,12}\d{0,2}[ _-]?(?:no|nr|n[uú]mero|number|num)?[^0-9a-z]{0,6}(?:[a-z]{1,8}[^0-9a-z]{1,3}){0,3}$/iu;
/** Words that say that digits behind them count or name something of a machine. */
const ID_NAMED =
  /(?:(?:^|[^a-z])(?:id|ids|uid|gid|oid|xid|tid|pid|lsn|seq|ts|ns|us|blk|ptr|nfe?|nf-e)|[a-z]_?id|Id|ID|block|snowflake|trace|span|offset|size|bytes|timestamp|epoch|chave)[^0-9a-z]{1,4}$/u;
/** The same for words that stand in front of cards too, unless a sign joins them to the digits. */
const ID_ASSIGNED =
  /(?:request|session|time|hash|handle|worker|thread|order|pedido|invoice|sequence|version|serial|message|tweet|channel|guild|user|shard|ref)["']?[=:#_-]["' ]{0,2}$/iu;
const NAME_WINDOW = 48;

/** How card numbers are printed, one sign between groups; the longest first. */
const CARD_GROUPS: readonly RegExp[] = [
  /\d{4}([ .\u00a0-])\d{4}\1\d{4}\1\d{4}\1\d{1,3}/uy,
  /\d{4}([ .\u00a0-])\d{4}\1\d{4}\1\d{4}/uy,
  /\d{4}([ .\u00a0-])\d{6}\1\d{4,5}/uy,
  /\d{4}([ .\u00a0-])\d{4}\1\d{4}\1\d{1,3}/uy,
  /\d{6}([ .\u00a0-])\d{7,13}/uy,
];

/** Offset behind the card number that begins at `start`, or `undefined` when none does. */
function cardEnd(text: string, start: number, behindRun: number): number | undefined {
  if (!isFirstOfCard(text.charCodeAt(start))) return undefined;
  if (!mayStartNumber(text, start, CARD_LABEL)) return undefined;
  const bare = text.slice(start, behindRun);
  if (mayEndNumber(text, behindRun) && isCard(bare) && isMeant(text, start, bare)) return behindRun;
  for (const shape of CARD_GROUPS) {
    const whole = matchAt(shape, text, start);
    const end = start + whole.length;
    if (whole === '' || !mayEndNumber(text, end)) continue;
    if (isPartOfRow(text, { start, end, size: 4, most: 2 })) continue;
    if (isCard(whole.replace(/\D/gu, ''))) return end;
  }
  return undefined;
}

/** Whether digits without signs between them are meant for a card, by their length and label. */
function isMeant(text: string, start: number, digits: string): boolean {
  const before = text.slice(Math.max(0, start - NAME_WINDOW), start);
  if (CARD_NAMED.test(before)) return true;
  return isUsualLength(digits) && !ID_NAMED.test(before) && !ID_ASSIGNED.test(before);
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

const ZERO = 48;

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
const SIXTEEN_AND_NINETEEN: readonly number[] = [16, 19];
const MAESTRO: readonly number[] = [13, 14, 15, 16, 17, 18, 19];
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
  range(5019, 5019, SIXTEEN), // Dankort
  range(4571, 4571, SIXTEEN), // Dankort with Visa
  ...[5018, 5020, 5038, 5612, 5893, 6220, 6304, 6390, 6703, 6706, 6709, 6771].map((head) =>
    range(head, head, MAESTRO),
  ),
  range(6759, 6763, MAESTRO),
  range(401178, 401179, SIXTEEN), // Elo
  range(431274, 431274, SIXTEEN), // Elo
  range(438935, 438935, SIXTEEN), // Elo
  range(451416, 451416, SIXTEEN), // Elo
  range(457393, 457393, SIXTEEN), // Elo
  range(457631, 457632, SIXTEEN), // Elo
  range(504175, 504175, SIXTEEN), // Elo
  range(506699, 506778, SIXTEEN), // Elo
  range(507859, 507899, SIXTEEN), // Aura and Elo
  range(509000, 509999, SIXTEEN), // Elo
  range(627780, 627780, SIXTEEN), // Elo
  range(636297, 636297, SIXTEEN), // Elo
  range(636368, 636369, SIXTEEN), // Elo
  range(384100, 384100, SIXTEEN_AND_NINETEEN), // Hipercard
  range(384140, 384140, SIXTEEN_AND_NINETEEN), // Hipercard
  range(384160, 384160, SIXTEEN_AND_NINETEEN), // Hipercard
  range(606282, 606282, SIXTEEN_AND_NINETEEN), // Hipercard
  range(637095, 637095, SIXTEEN), // Hipercard
  range(637568, 637612, SIXTEEN), // Hipercard
];

/** Whether a payment card scheme issues numbers of this length that begin like this. */
export function isIssued(digits: string): boolean {
  const first = Number(digits.slice(0, 6));
  return RANGES.some(
    ({ from, to, lengths }) => first >= from && first <= to && lengths.includes(digits.length),
  );
}

/** Whether digits are as many as nearly all cards of their scheme have: 15 or 14 of two, else 16. */
function isUsualLength(digits: string): boolean {
  if (/^3[47]/u.test(digits)) return digits.length === 15;
  return /^3[068]/u.test(digits)
    ? digits.length === 14 || digits.length === 16
    : digits.length === 16;
}
