const ZERO = 48;

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

/** Whether the last two digits of a number are its check digits, weights 2 to `highestWeight`. */
function endsInCheckDigits(text: string, highestWeight: number): boolean {
  const first = modulo11(weightedSum(text, text.length - 2, highestWeight));
  if (text.charCodeAt(text.length - 2) - ZERO !== first) return false;
  const second = modulo11(weightedSum(text, text.length - 1, highestWeight));
  return text.charCodeAt(text.length - 1) - ZERO === second;
}

/** `00000000000` and its like satisfy the arithmetic, but nobody has such a number. */
function isOneCharacterRepeated(text: string): boolean {
  return text === text.charAt(0).repeat(text.length);
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
