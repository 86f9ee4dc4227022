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
import { profileText, SIGNS, type TextProfile } from './profile.ts';
import { userinfoDetector } from './userinfo.ts';

/**
 * Which detectors run: `every` for those that are safe on any string, `text` for all of them, on
 * text that people wrote, such as log bodies, exception messages and URLs.
 */
export type DetectionScope = 'every' | 'text';

/** A detector with what a text must have for it to find anything. */
interface Candidate {
  readonly detector: Detector;
  readonly scope: DetectionScope;
  /** All of these signs. */
  readonly signs: number;
  readonly digits: number;
  readonly length: number;
}

function every(detector: Detector, signs: number, length: number): Candidate {
  return { detector, scope: 'every', signs, digits: 0, length };
}

/** The shortest of what the detectors of text find is the address `::1`. */
const SHORTEST_IN_TEXT = 3;

function inText(detector: Detector, signs: number, digits: number): Candidate {
  return { detector, scope: 'text', signs, digits, length: Math.max(digits, SHORTEST_IN_TEXT) };
}

const CANDIDATES: readonly Candidate[] = [
  every(emailDetector, SIGNS.at | SIGNS.dot, 6),
  every(userinfoDetector, SIGNS.at | SIGNS.colon, 7),
  every(bearerDetector, SIGNS.space, 10),
  every(authorizationDetector, SIGNS.assignment, 20),
  every(jwtDetector, SIGNS.dot | SIGNS.upper, 14),
  every(keyShapeDetector, 0, 16),
  every(privateKeyDetector, SIGNS.hyphen | SIGNS.space | SIGNS.upper, 27),
  every(assignmentDetector, SIGNS.assignment, 5),
  inText(ipv4Detector, SIGNS.dot, 4),
  inText(ipv6Detector, SIGNS.colon, 1),
  inText(phoneDetector, 0, 8),
  inText(cpfDetector, 0, 11),
  inText(cnpjDetector, 0, 2),
  inText(cardDetector, 0, 13),
];

function mayHold(text: string, { signs, digits }: TextProfile, candidate: Candidate): boolean {
  return (
    (signs & candidate.signs) === candidate.signs &&
    digits >= candidate.digits &&
    text.length >= candidate.length
  );
}

const NOTHING: readonly Detection[] = Object.freeze([]);

/** Runs the detectors on the text as it is, without decoding anything. */
function detectPlain(
  text: string,
  scope: DetectionScope,
  profile: TextProfile,
): readonly Detection[] {
  let found: Detection[] | undefined;
  for (const candidate of CANDIDATES) {
    if (candidate.scope === 'text' && scope === 'every') break;
    if (!mayHold(text, profile, candidate)) continue;
    const detections = candidate.detector.find(text);
    if (detections.length > 0) (found ??= []).push(...detections);
  }
  return found === undefined ? NOTHING : mergeDetections(text, found);
}

/**
 * Finds personal data and secrets in a text, also behind percent escapes.
 *
 * One look at every character decides which detectors run; each is linear, so the whole is.
 * Overlapping detections become one that covers both and takes the more sensitive class.
 *
 * @returns Detections in order and without overlap, in UTF-16 offsets of `text`.
 */
export function detect(text: string, scope: DetectionScope): readonly Detection[] {
  const profile = profileText(text);
  const plain = detectPlain(text, scope, profile);
  if ((profile.signs & SIGNS.percent) === 0) return plain;
  const encoded = findEncoded(text, (part) => detectPlain(part, scope, profileText(part)));
  return encoded.length === 0 ? plain : mergeDetections(text, [...plain, ...encoded]);
}
