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
