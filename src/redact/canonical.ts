import type { DataClass } from './detectors/detector.ts';
import { canonicalIp } from './canonical-ip.ts';

const NOT_DIGIT = /[^0-9]/g;
const TAX_SEPARATOR = /[.\-/\s]/g;
const CPF_DIGITS = 11;

const asIs = (text: string): string => text;
const digits = (text: string): string => text.replace(NOT_DIGIT, '');
const taxNumber = (text: string): string => text.replace(TAX_SEPARATOR, '').toUpperCase();

const FORMS: Readonly<Record<DataClass, (text: string) => string>> = {
  email: (text) => text.trim().normalize('NFC').toLowerCase(),
  ip: (text) => canonicalIp(text.trim()),
  cpf: taxNumber,
  cnpj: taxNumber,
  card: digits,
  phone: (text) => (text.trimStart().startsWith('+') ? `+${digits(text)}` : digits(text)),
  jwt: asIs,
  bearer: asIs,
  key: asIs,
  secret: asIs,
  text: asIs,
};

/**
 * The one form under which different spellings of a value of this class share a digest.
 *
 * - `email`: trimmed, NFC, lower case; no rules of single providers.
 * - `cpf`, `cnpj`: without separators, upper case (a CNPJ may hold letters since July 2026).
 * - `ip`: a v4-mapped address as v4, an IPv6 address as RFC 5952 writes it.
 * - `card`: digits; `phone`: digits with the leading `+` when it has one.
 * - any other class: as it is.
 */
export function canonicalForm(text: string, dataClass: DataClass): string {
  return FORMS[dataClass](text);
}

/** The text of a number of this class: a CPF has its leading zeros again, which a number lost. */
export function canonicalNumber(value: number, dataClass: DataClass): string {
  const text = String(value);
  return dataClass === 'cpf' ? text.padStart(CPF_DIGITS, '0') : text;
}
