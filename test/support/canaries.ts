/** Makes up secrets and personal data, no two alike, and remembers them. */
export interface Canaries {
  /** An e-mail address. */
  email(): string;
  /** Something that is recognised in every string: an address, a token, a key. */
  anywhere(): string;
  /** Something that is recognised in free text: also CPFs, cards, telephone numbers. */
  inText(): string;
  /** A word that only its name or place gives away. */
  word(): string;
  planted(): readonly string[];
}

/** A small generator of numbers (Numerical Recipes), so that every run plants the same. */
function createNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

function checkDigit(digits: readonly number[]): number {
  const sum = digits.reduce(
    (total, digit, index) => total + digit * (digits.length + 1 - index),
    0,
  );
  return ((sum * 10) % 11) % 10;
}

function luhnDigit(digits: readonly number[]): number {
  const sum = digits.toReversed().reduce((total, digit, index) => {
    const weighted = index % 2 === 0 ? digit * 2 : digit;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return (10 - (sum % 10)) % 10;
}

/** Canaries that are the same for the same seed. */
export function createCanaries(seed: number): Canaries {
  const below = createNumbers(seed);
  const planted: string[] = [];
  const plant = (text: string): string => {
    planted.push(text);
    return text;
  };
  const of = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet.charAt(below(alphabet.length))).join('');
  const letters = (length: number): string => of('abcdefghijklmnopqrstuvwxyz', length);
  const token = (length: number): string =>
    `A1${of('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', length)}`;
  const digits = (length: number): number[] => Array.from({ length }, () => below(10));

  const email = (): string => plant(`${letters(9)}.${letters(6)}@${letters(7)}.example.com`);
  const jwt = (): string => plant(`eyJhbGciOiJIUzI1NiJ9.eyJ${token(20)}.${token(30)}`);
  const key = (): string => plant(`iml_live_${token(24)}`);
  const bearer = (): string => `Bearer ${plant(token(30))}`;
  const cpf = (): string => {
    const nine = [1, ...digits(8)];
    const ten = [...nine, checkDigit(nine)];
    return plant([...ten, checkDigit(ten)].join('').replace(/^(...)(...)(...)/, '$1.$2.$3-'));
  };
  const card = (): string => {
    const fifteen = [4, ...digits(14)];
    return plant([...fifteen, luhnDigit(fifteen)].join(''));
  };
  const phone = (): string => plant(`+55119${[9, ...digits(7)].join('')}`);
  const pick = (makers: readonly (() => string)[]): string =>
    (makers[below(makers.length)] ?? email)();

  return {
    email,
    anywhere: () => pick([email, jwt, key, bearer]),
    inText: () => pick([email, jwt, key, bearer, cpf, card, phone]),
    word: () => plant(token(14)),
    planted: () => planted,
  };
}

/** The spellings in which a text could leave: as it is, percent-encoded, in base64, escaped. */
export function formsOf(text: string): readonly string[] {
  const once = encodeURIComponent(text);
  const base64 = Buffer.from(text).toString('base64').replace(/=+$/, '');
  return [
    ...new Set([
      text,
      once,
      encodeURIComponent(once),
      encodeURIComponent(encodeURIComponent(once)),
      base64,
      Buffer.from(text).toString('base64url'),
      JSON.stringify(text).slice(1, -1),
    ]),
  ];
}
