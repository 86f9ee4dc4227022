import { assignmentDetector } from './assignment.ts';
import { authorizationDetector } from './authorization.ts';
import { bearerDetector } from './bearer.ts';
import { cardDetector } from './card.ts';
import { cnpjDetector } from './cnpj.ts';
import { cpfDetector } from './cpf.ts';
import type { Detection, Detector } from './detector.ts';
import { emailDetector } from './email.ts';
import { findEncoded } from './encoded.ts';
import { ipv4Detector } from './ipv4.ts';
import { ipv6Detector } from './ipv6.ts';
import { jwtDetector } from './jwt.ts';
import { keyShapeDetector } from './key-shapes.ts';
import { mergeDetections } from './merge.ts';
import { phoneDetector } from './phone.ts';
import { privateKeyDetector } from './private-key.ts';
import { profileText, SIGNS } from './profile.ts';
import { userinfoDetector } from './userinfo.ts';

/**
 * Which detectors run: `every` for those that are safe on any string, `text` for all of them, on
 * text that people wrote, such as log bodies, exception messages and URLs.
 */
export type DetectionScope = 'every' | 'text';

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

/** Issuers end the heads of their keys with a sign, or write them in capitals. */
const KEY_SHAPES: Candidate = {
  detector: keyShapeDetector,
  signs: 0,
  oneOf: SIGNS.underscore | SIGNS.hyphen | SIGNS.upper,
  length: 16,
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
];

const TEXT: readonly Candidate[] = [
  ...EVERY,
  candidate(ipv4Detector, SIGNS.dot | SIGNS.fourDigits, 7),
  candidate(ipv6Detector, SIGNS.colon, 3),
  candidate(phoneDetector, SIGNS.eightDigits, 8),
  candidate(cpfDetector, SIGNS.elevenDigits, 11),
  candidate(cnpjDetector, SIGNS.twoDigits, 14),
  candidate(cardDetector, SIGNS.thirteenDigits, 13),
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

/** {@link mayDetect} for a text whose profile is known. */
export function mayDetectBy(text: string, profile: number, scope: DetectionScope): boolean {
  for (const one of BY_SCOPE[scope]) if (isAsked(text, profile, one)) return true;
  return false;
}

/**
 * Whether a text, or any part of it, may hold something in clear: a quick look that errs on the
 * side of yes. What hides behind percent escapes does not count.
 */
export function mayDetect(text: string, scope: DetectionScope): boolean {
  return mayDetectBy(text, profileText(text), scope);
}

/**
 * Finds personal data and secrets in a text, also behind percent escapes.
 *
 * A quick look decides which detectors run; each is linear, so the whole is. Overlapping
 * detections become one that covers both and takes the more sensitive class.
 *
 * @returns Detections in order and without overlap, in UTF-16 offsets of `text`.
 */
export function detect(text: string, scope: DetectionScope): readonly Detection[] {
  const profile = profileText(text);
  const plain = detectPlain(text, scope, profile);
  if ((profile & SIGNS.percent) === 0) return plain;
  const encoded = findEncoded(text, (part) => detectPlain(part, scope, profileText(part)));
  return encoded.length === 0 ? plain : mergeDetections(text, [...plain, ...encoded]);
}
