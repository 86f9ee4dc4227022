import { AT } from './characters.ts';

/**
 * What kind of personal data or secret a piece of text is.
 *
 * `text` is for a piece that cannot be read far enough to say what it is, for example one that is
 * percent-encoded more than three times; it is treated as sensitive because nobody can tell.
 */
export type DataClass =
  | 'email'
  | 'ip'
  | 'cpf'
  | 'cnpj'
  | 'card'
  | 'phone'
  | 'iban'
  | 'cep'
  | 'rg'
  | 'cnh'
  | 'pis'
  | 'pix'
  | 'birth_date'
  | 'mac'
  | 'name'
  | 'jwt'
  | 'bearer'
  | 'key'
  | 'secret'
  | 'text';

/** All classes of data. */
export const DATA_CLASSES: readonly DataClass[] = [
  'email',
  'ip',
  'cpf',
  'cnpj',
  'card',
  'phone',
  'iban',
  'cep',
  'rg',
  'cnh',
  'pis',
  'pix',
  'birth_date',
  'mac',
  'name',
  'jwt',
  'bearer',
  'key',
  'secret',
  'text',
];

/** One piece of personal data or one secret, by its place in the text that was scanned. */
export interface Detection {
  /** Offset of the first character, in UTF-16 units. */
  readonly start: number;
  /** Offset behind the last character, in UTF-16 units. */
  readonly end: number;
  readonly class: DataClass;
  /** What the piece says, where that is not what is written: escapes and other spellings read. */
  readonly value?: string;
}

/**
 * Finds one kind of personal data or secret.
 *
 * - It is total: any string gives an answer, none throws.
 * - Its work is linear in the length of the text, whatever the text.
 * - Its detections come in order and do not overlap.
 */
export interface Detector {
  readonly class: DataClass;
  /**
   * Whether a text, or any part of it, may hold what is looked for: a quick look for something
   * that every finding has. `false` is certain, also for each part of the text; `true` is not.
   */
  mayFind(text: string): boolean;
  find(text: string): readonly Detection[];
}

/** Looks at each place where `sign` stands, and behind what was found there goes on. */
export function findAtSigns(
  text: string,
  sign: string,
  detectionAt: (text: string, at: number) => Detection | undefined,
): Detection[] {
  const found: Detection[] = [];
  let at = text.indexOf(sign);
  while (at !== -1) {
    const detection = detectionAt(text, at);
    if (detection !== undefined) found.push(detection);
    at = text.indexOf(sign, detection?.end ?? at + 1);
  }
  return found;
}

/**
 * Looks at each place where a global pattern begins, and behind what was found there goes on.
 * `endOf` gives the offset behind what is found at a match.
 */
export function findAtMatches(
  text: string,
  pattern: RegExp,
  dataClass: DataClass,
  endOf: (text: string, match: RegExpExecArray) => number | undefined,
): Detection[] {
  const found: Detection[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const start = match.index;
    const end = endOf(text, match);
    if (end !== undefined) found.push({ start, end, class: dataClass });
    pattern.lastIndex = end ?? start + 1;
  }
  return found;
}

/** Writes a text with each detection replaced; `keep` writes what stands between them. */
export function replaceDetections(
  text: string,
  found: readonly Detection[],
  replace: (value: string, dataClass: DataClass) => string,
  keep: (piece: string) => string = asIs,
): string {
  let written = '';
  let at = 0;
  for (const { start, end, class: dataClass, value } of found) {
    written += keep(text.slice(at, start)) + replace(value ?? text.slice(start, end), dataClass);
    at = end;
  }
  return written + keep(text.slice(at));
}

function asIs(piece: string): string {
  return piece;
}

/**
 * Puts detections in order and makes one of those that overlap. The union is covered, so that no
 * remainder of the weaker one is left over, and takes the class of the more sensitive one.
 */
export function mergeDetections(text: string, found: readonly Detection[]): readonly Detection[] {
  if (found.length < 2) return found;
  const merged: Detection[] = [];
  for (const next of found.toSorted(
    (one, other) => one.start - other.start || other.end - one.end,
  )) {
    const last = merged.at(-1);
    if (last === undefined || next.start >= last.end) {
      merged.push(next);
      continue;
    }
    const stronger = RANK[next.class] > RANK[last.class] ? next : last;
    const end = unionEnd(text, last, next);
    const isWhole = stronger.start === last.start && stronger.end === end;
    merged[merged.length - 1] = isWhole
      ? stronger
      : { start: last.start, end, class: stronger.class };
  }
  return merged;
}

/** Whether a class is a credential, which guards more than what it says about a person. */
export function isCredential(dataClass: DataClass): boolean {
  return RANK[dataClass] >= RANK.secret;
}

/** The more of a secret or of a person a class gives away, the higher. */
const RANK: Readonly<Record<DataClass, number>> = {
  text: 0,
  name: 1,
  cep: 2,
  mac: 3,
  ip: 4,
  birth_date: 5,
  phone: 6,
  email: 7,
  cnpj: 8,
  rg: 9,
  cnh: 10,
  pis: 11,
  cpf: 12,
  iban: 13,
  pix: 14,
  card: 15,
  secret: 16,
  bearer: 17,
  jwt: 18,
  key: 19,
};

/**
 * Where the union of two overlapping detections ends. A secret that ends at the `@` of what looks
 * like an address is the password of a URL: the host behind it stays readable.
 */
function unionEnd(text: string, one: Detection, other: Detection): number {
  const secret = RANK[one.class] > RANK.card ? one : other;
  const address = secret === one ? other : one;
  const isUserinfo =
    isCredential(secret.class) && address.class === 'email' && text.charCodeAt(secret.end) === AT;
  return isUserinfo ? secret.end : Math.max(one.end, other.end);
}
