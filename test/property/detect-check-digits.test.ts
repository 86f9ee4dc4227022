import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { satisfiesLuhn } from '../../src/redact/detectors/cards.ts';
import { isCnpj, isCpf } from '../../src/redact/detectors/numbers.ts';
import { detect } from '../../src/redact/detectors/detect.ts';
import { cnpjOf, cpfOf, punctuateCnpj, punctuateCpf } from '../support/brazilian-numbers.ts';

function text(alphabet: string, length: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom(...alphabet.split('')),
    minLength: length,
    maxLength: length,
  });
}

const DIGITS = '0123456789';
const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const cpf = text(DIGITS, 9)
  .map(cpfOf)
  .filter((number) => new Set(number).size > 1);
const cnpj = text(DIGITS + CAPITALS, 12)
  .map(cnpjOf)
  .filter((number) => new Set(number).size > 1);

/** The text with the digit at `at` raised by `by`, which is never a multiple of ten. */
function changeDigit(number: string, at: number, by: number): string {
  const digit = (Number(number.charAt(at)) + by) % 10;
  return number.slice(0, at) + String(digit) + number.slice(at + 1);
}

/** The digit that makes a number satisfy Luhn, by trying all ten against the definition. */
function luhnSum(digits: string): number {
  return digits
    .split('')
    .toReversed()
    .reduce((sum, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
      return sum + Math.floor(value / 10) + (value % 10);
    }, 0);
}

describe('check digits', () => {
  it('accepts every CPF with its own check digits', () => {
    fc.assert(
      fc.property(cpf, (number) => {
        expect(isCpf(number)).toBe(true);
      }),
    );
  });

  it('refuses a CPF with another digit in either check place', () => {
    fc.assert(
      fc.property(cpf, fc.constantFrom(9, 10), fc.integer({ min: 1, max: 9 }), (number, at, by) => {
        expect(isCpf(changeDigit(number, at, by))).toBe(false);
      }),
    );
  });

  it('accepts every CNPJ, with letters or without, with its own check digits', () => {
    fc.assert(
      fc.property(cnpj, (number) => {
        expect(isCnpj(number)).toBe(true);
      }),
    );
  });

  it('refuses a CNPJ with another digit in either check place', () => {
    fc.assert(
      fc.property(
        cnpj,
        fc.constantFrom(12, 13),
        fc.integer({ min: 1, max: 9 }),
        (number, at, by) => {
          expect(isCnpj(changeDigit(number, at, by))).toBe(false);
        },
      ),
    );
  });

  it('agrees with the definition of Luhn on any digits', () => {
    const anyDigits = fc.string({
      unit: fc.constantFrom(...DIGITS.split('')),
      minLength: 1,
      maxLength: 24,
    });
    fc.assert(
      fc.property(anyDigits, (digits) => {
        expect(satisfiesLuhn(digits)).toBe(luhnSum(digits) % 10 === 0);
      }),
    );
  });

  it('notices any single wrong digit by Luhn', () => {
    const place = fc.nat({ max: 15 });
    fc.assert(
      fc.property(text(DIGITS, 15), place, fc.integer({ min: 1, max: 9 }), (root, at, by) => {
        const last = DIGITS.split('').find((digit) => luhnSum(root + digit) % 10 === 0) ?? '';
        expect(satisfiesLuhn(root + last)).toBe(true);
        expect(satisfiesLuhn(changeDigit(root + last, at, by))).toBe(false);
      }),
    );
  });

  it('finds every CPF and CNPJ in a sentence, bare and punctuated', () => {
    fc.assert(
      fc.property(cpf, cnpj, (person, company) => {
        for (const number of [person, punctuateCpf(person), company, punctuateCnpj(company)]) {
          const sentence = `titular ${number}, ativo`;
          const covered = detect(sentence, 'text').some(
            ({ start, end }) => start <= 8 && end >= 8 + number.length,
          );
          expect(covered).toBe(true);
        }
      }),
    );
  });
});
