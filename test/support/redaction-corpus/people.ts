import { cnpjOf, cpfOf, punctuateCnpj, punctuateCpf } from '../brazilian-numbers.ts';
import type { Random } from './random.ts';

/** Makes one value that belongs to a person or a company. */
export type MakeValue = (random: Random) => string;

const NAMES = 'ana bruno carla joao maria.silva o.nil li.wei jose-luis k_mueller zoe'.split(' ');
const DOMAINS = 'example.com mail.example.org exemplo.com.br post.example.de example.co.uk'.split(
  ' ',
);

/** Digit that makes a number satisfy ISO/IEC 7812-1 when it is put at its end. */
function luhnDigit(head: string): string {
  const sum = Array.from(head)
    .toReversed()
    .map((digit, index) => Number(digit) * (index % 2 === 0 ? 2 : 1))
    .reduce((total, value) => total + Math.floor(value / 10) + (value % 10), 0);
  return String((10 - (sum % 10)) % 10);
}

function cardFrom(random: Random, head: string, length: number): string {
  const digits = head + random.digits(length - 1 - head.length);
  return digits + luhnDigit(digits);
}

/** A card of a scheme that is used in Brazil or elsewhere, by the first digits it publishes. */
export function cardDigits(random: Random): string {
  const [head, length] = random.pick<readonly [string, number]>([
    ['4', 16],
    ['4', 16],
    ['51', 16],
    ['55', 16],
    ['2221', 16],
    ['34', 15],
    ['37', 15],
    ['36', 14],
    ['6011', 16],
    ['65', 16],
    ['3530', 16],
    ['636368', 16],
    ['606282', 16],
    ['506702', 16],
    ['5090', 16],
  ]);
  return cardFrom(random, head, length);
}

function printedCard(digits: string, sign: string): string {
  const groups = digits.length === 16 ? [4, 4, 4, 4] : digits.length === 15 ? [4, 6, 5] : [4, 6, 4];
  let at = 0;
  return groups.map((size) => digits.slice(at, (at += size))).join(sign);
}

function octet(random: Random): number {
  return random.between(1, 254);
}

function ipv4(random: Random): string {
  return [11 + random.between(0, 200), octet(random), octet(random), octet(random)].join('.');
}

function ipv6(random: Random): string {
  const group = (): string => random.hex(random.between(1, 4)).replace(/^0+(?=.)/u, '');
  const eight = ['2001', 'db8', ...Array.from({ length: 6 }, group)].join(':');
  return random.pick([
    eight,
    `2804:14c:${group()}::${random.between(1, 9)}`,
    `fe80::${random.between(1, 9)}${random.hex(3)}:${random.hex(4)}`,
    `::ffff:${ipv4(random)}`,
    `64:ff9b::${ipv4(random)}`,
  ]);
}

const PHONES: readonly MakeValue[] = [
  (random) => `+55 11 9${random.digits(4)}-${random.digits(4)}`,
  (random) => `+55${random.two(11, 99)}9${random.digits(8)}`,
  (random) => `(+55) (21) 9${random.digits(4)}-${random.digits(4)}`,
  (random) => `+55 (${random.two(11, 99)}) 9${random.digits(4)}-${random.digits(4)}`,
  (random) => `+1 (${random.between(212, 989)}) ${random.between(200, 999)}-${random.digits(4)}`,
  (random) => `+1${random.between(212, 989)}${random.between(200, 999)}${random.digits(4)}`,
  (random) => `+44 20 7${random.digits(3)} ${random.digits(4)}`,
  (random) => `+49 30 ${random.digits(7)}`,
  (random) => `+351 91${random.digits(1)} ${random.digits(3)} ${random.digits(3)}`,
  (random) => `(${random.two(11, 99)}) 9${random.digits(4)}-${random.digits(4)}`,
];

const IBAN_COUNTRIES: readonly (readonly [string, number])[] = [
  ['DE', 18],
  ['PT', 21],
  ['ES', 20],
  ['NL', 0],
];

/** An IBAN with check digits by ISO 13616: modulo 97 over the letters as numbers. */
function ibanOf(random: Random): string {
  const [country, length] = random.pick(IBAN_COUNTRIES);
  const account = length === 0 ? `ABNA${random.digits(10)}` : random.digits(length);
  const number = `${account}${country}00`.replace(/[A-Z]/gu, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  let rest = 0;
  for (const digit of number) rest = (rest * 10 + Number(digit)) % 97;
  return `${country}${String(98 - rest).padStart(2, '0')}${account}`;
}

/** The claimed classes of personal data, each with the makers of its spellings. */
export const PEOPLE: Readonly<Record<string, MakeValue>> = {
  email: (random) =>
    random.pick<MakeValue>([
      (r) => `${r.pick(NAMES)}@${r.pick(DOMAINS)}`,
      (r) => `${r.pick(NAMES)}${r.digits(2)}@${r.pick(DOMAINS)}`,
      (r) => `${r.pick(NAMES)}+tag${r.digits(1)}@${r.pick(DOMAINS)}`,
      (r) => `${r.pick(NAMES).toUpperCase()}@${r.pick(DOMAINS)}`,
      (r) => `${r.pick(NAMES)}@m${r.digits(2)}.${r.pick(DOMAINS)}`,
    ])(random),
  cpf: (random) => {
    const bare = cpfOf(random.digits(9));
    return random.pick([bare, punctuateCpf(bare), punctuateCpf(bare)]);
  },
  cnpj: (random) => {
    const digits = cnpjOf(`${random.between(1, 9)}${random.digits(7)}0001`);
    const lettered = cnpjOf(`${random.text('ABCDEFGHJKLMNPRSTUVWXYZ23456789', 8)}0001`);
    return random.pick([digits, punctuateCnpj(digits), punctuateCnpj(lettered)]);
  },
  card: (random) => {
    const digits = cardDigits(random);
    return random.pick([digits, printedCard(digits, ' '), printedCard(digits, '-')]);
  },
  ip: (random) => random.pick([ipv4, ipv4, ipv6])(random),
  phone: (random) => random.pick(PHONES)(random),
  iban: ibanOf,
};

/** A text like a value but with one check digit off: nothing that belongs to anybody. */
export function offByOne(random: Random): string {
  const next = (digits: string): string =>
    digits.slice(0, -1) + String((Number(digits.at(-1)) + 1) % 10);
  const cpf = next(cpfOf(random.digits(9)));
  const cnpj = next(cnpjOf(`${random.between(1, 9)}${random.digits(7)}0001`));
  const card = next(cardDigits(random));
  return random.pick([
    cpf,
    punctuateCpf(cpf),
    punctuateCnpj(cnpj),
    cnpj,
    card,
    printedCard(card, ' '),
  ]);
}
