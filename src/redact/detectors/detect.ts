import { assignmentDetector } from './secrets/assigned-secrets.ts';
import { PERCENT } from './characters.ts';
import type { Decoded } from './decoding.ts';
import { FORMS, decodeForms, findUnreadable } from './decoding.ts';
import type { Detection, Detector } from './detector.ts';
import { isCredential, mergeDetections } from './detector.ts';
import { ibanDetector, labelledDetector, pisDetector, pixDetector } from './documents.ts';
import { emailDetector } from './email.ts';
import { ipv4Detector, ipv6Detector } from './network.ts';
import { cardDetector } from './cards.ts';
import { cnpjDetector, cpfDetector } from './numbers.ts';
import { phoneDetector } from './phone.ts';
import {
  authorizationDetector,
  bearerDetector,
  jwtDetector,
  privateKeyDetector,
} from './secrets/tokens.ts';
import { keyShapeDetector } from './secrets/key-shapes.ts';
import { userinfoDetector } from './secrets/userinfo.ts';
import { cookieDetector, writtenSecretDetector } from './secrets/written-secrets.ts';

/**
 * Which detectors run: `every` for those that are safe on any string, `text` for all of them, on
 * text that people wrote, such as log bodies, exception messages and URLs.
 */
export type DetectionScope = 'every' | 'text';

/**
 * Finds personal data and secrets in a text as it is written and as it reads: behind escapes,
 * entities, colours of a terminal and other spellings of the same signs.
 *
 * A quick look decides which detectors run; each is linear, so the whole is. Overlapping
 * detections become one that covers both and takes the more sensitive class.
 *
 * @returns Detections in order and without overlap, in UTF-16 offsets of `text`.
 */
export function detect(text: string, scope: DetectionScope): readonly Detection[] {
  const profile = profileText(text);
  const plain = detectPlain(text, scope, profile);
  if ((profile & SIGNS.form) === 0) return plain;
  const decoded = decodeForms(text);
  if (decoded === undefined) return plain;
  const read = detectPlain(decoded.text, scope, profileText(decoded.text)).map((found) =>
    asWritten(found, decoded),
  );
  const also = plain.filter((found) => addsTo(read, found, text));
  return mergeDetections(text, [...read, ...also, ...findUnreadable(text, decoded)]);
}

function asWritten({ start, end, class: dataClass }: Detection, decoded: Decoded): Detection {
  const [from, to] = decoded.written(start, end);
  return { start: from, end: to, class: dataClass, value: decoded.text.slice(start, end) };
}

/**
 * Whether something found in the text as it is written says more than what is found as it reads,
 * where escapes next to a value are no part of it. An escape inside a secret stands for a sign of
 * it, whatever that sign ends elsewhere: a quote or line break in quotes, and a percent anywhere.
 */
function addsTo(read: readonly Detection[], found: Detection, text: string): boolean {
  const near = read.filter((other) => other.start < found.end && found.start < other.end);
  if (near.length === 0) return true;
  if (!isCredential(found.class)) return false;
  const isQuoted = `"'\``.includes(text.charAt(found.start - 1));
  return isQuoted || near.some(({ end }) => end < found.end && text.charCodeAt(end) === PERCENT);
}

const NOTHING: readonly Detection[] = Object.freeze([]);

/** Runs the detectors on the text as it is, without decoding anything. */
function detectPlain(text: string, scope: DetectionScope, profile: number): readonly Detection[] {
  let found: Detection[] | undefined;
  for (const one of BY_SCOPE[scope]) {
    if (!isAsked(text, profile, one)) continue;
    const detections = one.detector.find(text);
    if (detections.length > 0) (found ??= []).push(...detections);
  }
  return found === undefined ? NOTHING : mergeDetections(text, found);
}

/**
 * Whether a text, or any part of it, may hold something in clear: a quick look that errs on the
 * side of yes. What reads otherwise than it is written does not count.
 */
export function mayDetect(text: string, scope: DetectionScope): boolean {
  return mayDetectBy(text, profileText(text), scope);
}

function mayDetectBy(text: string, profile: number, scope: DetectionScope): boolean {
  for (const one of BY_SCOPE[scope]) if (isAsked(text, profile, one)) return true;
  return false;
}

/**
 * Whether a text certainly stays as it is, with all its URLs: one quick look instead of the
 * redaction of URLs and the detectors. `false` does not mean that there is something in it.
 *
 * The parts of URLs are scanned with all detectors, whatever the scope, as their redaction does.
 */
export function isPlain(text: string, scope: DetectionScope): boolean {
  const profile = profileText(text);
  if (mayHoldUrl(text, profile)) return isPlainBy(text, profile);
  return (profile & SIGNS.form) === 0 && !mayDetectBy(text, profile, scope);
}

/** Whether a text certainly stays as it is when the whole of it is redacted as one URL. */
export function isPlainUrl(text: string): boolean {
  return isPlainBy(text, profileText(text));
}

function isPlainBy(text: string, profile: number): boolean {
  return (profile & URL_SIGNS) === 0 && !mayDetectBy(text, profile, 'text');
}

/** Whether there may be a URL, or a relative reference with a query, that is redacted in parts. */
function mayHoldUrl(text: string, profile: number): boolean {
  if ((profile & SIGNS.question) !== 0) return true;
  return (profile & SCHEME_SIGNS) === SCHEME_SIGNS && text.includes('://');
}

/** One bit per thing that some detector cannot do without. */
export const SIGNS = {
  at: 1,
  colon: 2,
  dot: 4,
  /** What may read otherwise than it is written: escapes, entities, signs beyond ASCII. */
  form: 8,
  /** A colon or an equals sign. */
  assignment: 16,
  space: 32,
  hyphen: 64,
  upper: 128,
  twoDigits: 256,
  fourDigits: 512,
  eightDigits: 1024,
  elevenDigits: 2048,
  thirteenDigits: 4096,
  question: 8192,
  hash: 16_384,
  plus: 32_768,
  slash: 65_536,
  underscore: 131_072,
  /** A letter from g to z, in which a text differs from an id in hexadecimal digits. */
  beyondHex: 262_144,
  /** A quote or the beginning of a tag. */
  quote: 524_288,
} as const;

/** Signs of a URL that has more than a host and a path that says what it says. */
const URL_SIGNS = SIGNS.at | SIGNS.question | SIGNS.hash | SIGNS.form | SIGNS.plus;
const SCHEME_SIGNS = SIGNS.colon | SIGNS.slash;

/** A detector with what a text must have for it to be asked at all. */
interface Candidate {
  readonly detector: Detector;
  /** All of these signs. */
  readonly signs: number;
  /** At least one of these signs. */
  readonly oneOf: number;
  readonly length: number;
}

const ANY = ~0;

function candidate(detector: Detector, signs: number, length: number): Candidate {
  return { detector, signs, oneOf: ANY, length };
}

/** Issuers end the heads of their keys with a sign, or write them in capitals; no id begins so. */
const KEY_SHAPES: Candidate = {
  detector: keyShapeDetector,
  signs: SIGNS.beyondHex,
  oneOf: SIGNS.underscore | SIGNS.hyphen | SIGNS.upper,
  length: 16,
};

/** Options begin with hyphens, elements and structures have quotes or brackets, statements spaces. */
const WRITTEN: Candidate = {
  detector: writtenSecretDetector,
  signs: SIGNS.beyondHex,
  oneOf: SIGNS.hyphen | SIGNS.quote | SIGNS.space,
  length: 10,
};

const EVERY: readonly Candidate[] = [
  candidate(emailDetector, SIGNS.at | SIGNS.dot, 6),
  candidate(userinfoDetector, SIGNS.at | SIGNS.colon, 7),
  candidate(bearerDetector, SIGNS.space, 10),
  candidate(authorizationDetector, SIGNS.assignment, 20),
  candidate(jwtDetector, SIGNS.dot | SIGNS.upper, 14),
  KEY_SHAPES,
  candidate(privateKeyDetector, SIGNS.hyphen | SIGNS.space | SIGNS.upper, 27),
  candidate(assignmentDetector, SIGNS.assignment, 5),
  WRITTEN,
  candidate(cookieDetector, SIGNS.assignment, 10),
];

const TEXT: readonly Candidate[] = [
  ...EVERY,
  candidate(ipv4Detector, SIGNS.dot | SIGNS.fourDigits, 7),
  candidate(ipv6Detector, SIGNS.colon, 3),
  candidate(phoneDetector, SIGNS.eightDigits, 8),
  candidate(cpfDetector, SIGNS.elevenDigits, 11),
  candidate(cnpjDetector, SIGNS.twoDigits, 14),
  candidate(cardDetector, SIGNS.thirteenDigits, 13),
  candidate(ibanDetector, SIGNS.upper | SIGNS.fourDigits, 15),
  candidate(pisDetector, SIGNS.dot | SIGNS.elevenDigits, 14),
  candidate(pixDetector, SIGNS.thirteenDigits, 40),
  candidate(labelledDetector, SIGNS.eightDigits, 10),
];

const BY_SCOPE: Readonly<Record<DetectionScope, readonly Candidate[]>> = {
  every: EVERY,
  text: TEXT,
};

function isAsked(text: string, profile: number, one: Candidate): boolean {
  const { signs, oneOf, length, detector } = one;
  if ((profile & signs) !== signs || text.length < length) return false;
  return (oneOf === ANY || (profile & oneOf) !== 0) && detector.mayFind(text);
}

/** Text as it comes most often where it is long: lines of a stack trace, in both notations. */
const TYPICAL =
  '    at Object.<anonymous> (/app/node_modules/some-package/lib/index.js:120:33)\n' +
  '    at async handle (file:///srv/app/dist/handlers/orders.js:7:13)\n';

/**
 * The engine translates a pattern when it is used for the first and the second time, and chooses
 * how to search by the signs it meets then. On two words it would choose badly for good.
 */
function prepare(candidates: readonly Candidate[]): void {
  for (let use = 0; use < 2; use += 1) {
    for (const { detector } of candidates) detector.mayFind(TYPICAL);
  }
}
prepare(TEXT);

/** Above this length letters, digits and the signs between words are taken for granted. */
const LONG = 96;

/**
 * Tells which signs a text has, and whether it has enough digits, so that most detectors need not
 * run at all.
 *
 * @returns The {@link SIGNS} that occur, as bits.
 */
export function profileText(text: string): number {
  return text.length > LONG ? profileLong(text) : profileShort(text);
}

/** A digit is counted above the bits of the signs. */
const DIGIT_BIT = 24;
const DIGIT = 1 << DIGIT_BIT;

function profileShort(text: string): number {
  let signs = 0;
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 128) {
      if (isForm(code)) signs |= SIGNS.form;
      continue;
    }
    const sign = TABLE[code] ?? 0;
    signs |= sign;
    // Adding the bit up instead of asking for it: a branch per sign costs more than the rest.
    digits += sign >>> DIGIT_BIT;
  }
  return (signs & ~DIGIT) | digitSigns(digits);
}

const FORMS_BEYOND_ASCII = new RegExp(FORMS);

function hasForm(text: string): boolean {
  if (text.includes('%') || text.includes('\\') || text.includes('&')) return true;
  return text.includes('\u001b') || FORMS_BEYOND_ASCII.test(text);
}

/** Whether a sign beyond ASCII is a space, a dash, a sign without width or a full-width form. */
function isForm(code: number): boolean {
  if (code < 0x300) return code === 0xa0 || code === 0xad;
  return (
    (code >= 0x2000 && code <= 0x206f) ||
    code >= 0xfe58 ||
    FORMS_BEYOND_ASCII.test(String.fromCharCode(code))
  );
}

function digitSigns(digits: number): number {
  if (digits < 2) return 0;
  let signs: number = SIGNS.twoDigits;
  if (digits >= 4) signs |= SIGNS.fourDigits;
  if (digits >= 8) signs |= SIGNS.eightDigits;
  if (digits >= 11) signs |= SIGNS.elevenDigits;
  if (digits >= 13) signs |= SIGNS.thirteenDigits;
  return signs;
}

const TABLE: Readonly<Uint32Array> = buildTable();

function buildTable(): Uint32Array {
  const table = new Uint32Array(128);
  table.fill(DIGIT, 48, 58);
  table.fill(SIGNS.upper, 65, 71);
  table.fill(SIGNS.upper | SIGNS.beyondHex, 71, 91);
  table.fill(SIGNS.beyondHex, 103, 123);
  table[64] = SIGNS.at;
  table[58] = SIGNS.colon | SIGNS.assignment;
  table[61] = SIGNS.assignment;
  table[46] = SIGNS.dot;
  table[37] = SIGNS.form;
  table[38] = SIGNS.form;
  table[92] = SIGNS.form;
  table[27] = SIGNS.form;
  table[32] = SIGNS.space;
  table[45] = SIGNS.hyphen;
  table[63] = SIGNS.question;
  table[35] = SIGNS.hash;
  table[43] = SIGNS.plus;
  table[47] = SIGNS.slash;
  table[95] = SIGNS.underscore;
  table[34] = SIGNS.quote;
  table[39] = SIGNS.quote;
  table[60] = SIGNS.quote;
  return table;
}

/** The engine finds one sign in a long text many times faster than a loop looks at them all. */
function profileLong(text: string): number {
  let signs: number = TAKEN_FOR_GRANTED;
  if (text.includes('@')) signs |= SIGNS.at;
  if (text.includes(':')) signs |= SIGNS.colon | SIGNS.assignment;
  else if (text.includes('=')) signs |= SIGNS.assignment;
  if (hasForm(text)) signs |= SIGNS.form;
  if (text.includes('-')) signs |= SIGNS.hyphen;
  if (text.includes('?')) signs |= SIGNS.question;
  if (text.includes('#')) signs |= SIGNS.hash;
  if (text.includes('+')) signs |= SIGNS.plus;
  return signs;
}

const ALL_DIGITS =
  SIGNS.twoDigits |
  SIGNS.fourDigits |
  SIGNS.eightDigits |
  SIGNS.elevenDigits |
  SIGNS.thirteenDigits;
const TAKEN_FOR_GRANTED =
  ALL_DIGITS |
  SIGNS.space |
  SIGNS.upper |
  SIGNS.beyondHex |
  SIGNS.dot |
  SIGNS.slash |
  SIGNS.underscore |
  SIGNS.quote;
