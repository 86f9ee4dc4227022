import { isAlphanumeric, isDigit, matchAt, mayEndNumber, mayStartNumber } from './characters.ts';
import type { DataClass, Detection, Detector } from './detector.ts';
import { findAtMatches } from './detector.ts';

/** How long the account numbers of each country are, with its code and check digits (ISO 13616). */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 ' +
    'DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 ' +
    'IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 ' +
    'MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 ' +
    'SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?=[A-Z0-9 ]{11})/gu;
const ANY_IBAN = /[A-Z]{2}\d{2} ?[A-Z0-9]{4}/u;

/** Finds bank account numbers (IBAN, ISO 13616), in groups or not, by their check digits. */
export const ibanDetector: Detector = {
  class: 'iban',
  mayFind: (text) => ANY_IBAN.test(text),
  find: (text) => findAtMatches(text, IBAN, 'iban', ibanEnd),
};

function ibanEnd(text: string, { index, 0: head }: RegExpExecArray): number | undefined {
  const length = IBAN_LENGTHS.get(head.slice(0, 2));
  if (length === undefined) return undefined;
  let number = '';
  let end = index;
  while (number.length < length) {
    const code = text.charCodeAt(end);
    const isGap = code === 32 && isAlphanumeric(text.charCodeAt(end + 1));
    if (!isGap && !isAlphanumeric(code)) return undefined;
    if (!isGap) number += text.charAt(end);
    end += 1;
  }
  return isIban(number) && !isAlphanumeric(text.charCodeAt(end)) ? end : undefined;
}

const LETTER_VALUE = 55;

/** Whether the check digits of an account number without spaces hold: 1 modulo 97. */
export function isIban(number: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/u.test(number)) return false;
  let rest = 0;
  for (const sign of number.slice(4) + number.slice(0, 4)) {
    const value = isDigit(sign.charCodeAt(0)) ? Number(sign) : sign.charCodeAt(0) - LETTER_VALUE;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Signs that a printed number of this kind has, so that no label is needed. */
const PIS = /(?<!\d)\d{3}\.\d{5}\.\d{2}-\d(?!\d)/gu;
const PIS_WEIGHTS = [3, 2, 9, 8, 7, 6, 5, 4, 3, 2];

/** Whether eleven digits are a number of PIS, PASEP or NIS, by their check digit modulo 11. */
export function isPis(digits: string): boolean {
  if (!/^\d{11}$/u.test(digits) || /^(\d)\1+$/u.test(digits)) return false;
  const sum = PIS_WEIGHTS.reduce(
    (total, weight, index) => total + weight * Number(digits[index]),
    0,
  );
  const check = 11 - (sum % 11);
  return Number(digits[10]) === (check > 9 ? 0 : check);
}

/** Finds numbers of the Brazilian social fund (PIS, PASEP, NIS) in their printed form. */
export const pisDetector: Detector = {
  class: 'pis',
  mayFind: (text) => text.includes('-') && /\.\d{5}\./u.test(text),
  find: (text) =>
    findAtMatches(text, PIS, 'pis', (_text, { index, 0: number }) =>
      isPis(number.replace(/\D/gu, '')) ? index + number.length : undefined,
    ),
};

const EMV = /000201[\x20-\x7e]{20,600}?6304[0-9A-Fa-f]{4}(?![0-9A-Za-z])/gu;

/** Finds payment codes of PIX ("copia e cola", EMV QR), which hold a key and a name. */
export const pixDetector: Detector = {
  class: 'pix',
  mayFind: (text) => text.includes('000201') && text.includes('6304'),
  find: (text) =>
    findAtMatches(text, EMV, 'pix', (_text, { index, 0: code }) =>
      /br\.gov\.bcb\.pix/iu.test(code) ? index + code.length : undefined,
    ),
};

/** A number that nothing but the word in front of it tells. */
interface Labelled {
  readonly class: DataClass;
  readonly label: RegExp;
  readonly shape: RegExp;
}

const LABELLED: readonly Labelled[] = [
  { class: 'cep', label: /(?<![a-z])cep$/iu, shape: /\d{2}\.?\d{3}-?\d{3}/uy },
  { class: 'rg', label: /(?<![a-z])rg$/iu, shape: /\d{1,2}\.?\d{3}\.?\d{3}-?[\dXx]/uy },
  { class: 'cnh', label: /(?<![a-z])cnh$/iu, shape: /\d{11}/uy },
  {
    class: 'pis',
    label: /(?<![a-z])(?:pis|pasep|nis|nit)(?:\/pasep)?$/iu,
    shape: /\d{3}\.?\d{5}\.?\d{2}-?\d/uy,
  },
  {
    class: 'pix',
    label:
      /(?:chave|key)[ _-]?(?:do |da )?pix(?: aleat[oó]ria)?$|(?<![a-z])pix[ _-]?(?:key|chave)$/iu,
    shape: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/iuy,
  },
];

const LABEL =
  /(?:cep|rg|cnh|pis|pasep|nis|nit|pix(?: aleat[oó]ria)?|pix[ _-]?(?:key|chave))(?:\s?n[.ºo°]{1,2})?[^A-Za-z0-9\n]{1,4}(?=[0-9a-f])/giu;
const LABEL_WINDOW = 24;

/** Finds postal codes, identity cards, licences and PIX keys right behind the word that says so. */
export const labelledDetector: Detector = {
  class: 'cep',
  mayFind: (text) => /cep|rg|cnh|pis|pasep|ni[st]|pix/iu.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    for (const match of text.matchAll(LABEL)) {
      const start = match.index + match[0].length;
      const words = text
        .slice(Math.max(0, match.index - LABEL_WINDOW), start)
        .replace(/(?:\s?n[.ºo°]{1,2})?[^A-Za-z0-9]+$/iu, '');
      const one = LABELLED.find(({ label }) => label.test(words));
      const number = one === undefined ? '' : matchAt(one.shape, text, start);
      const end = start + number.length;
      if (one === undefined || number === '' || isAlphanumeric(text.charCodeAt(end))) continue;
      if (mayStartNumber(text, start, /(?!)/u) && mayEndNumber(text, end)) {
        found.push({ start, end, class: one.class });
      }
    }
    return found;
  },
};
