import { assignmentDetector } from './assignment.ts';
import { bearerDetector } from './bearer.ts';
import type { Detection, Detector } from './detector.ts';
import { emailDetector } from './email.ts';
import { jwtDetector } from './jwt.ts';
import { keyShapeDetector } from './key-shapes.ts';
import { mergeDetections } from './merge.ts';
import { privateKeyDetector } from './private-key.ts';

const EVERY: readonly Detector[] = [
  emailDetector,
  bearerDetector,
  jwtDetector,
  keyShapeDetector,
  privateKeyDetector,
  assignmentDetector,
];

/**
 * Finds personal data and secrets in a text.
 *
 * @param scope - `every`: the detectors that are safe on any string; `text`: all of them, for
 *   text that people wrote, such as log bodies, exception messages and URLs.
 * @returns Detections in order and without overlap.
 */
export function detect(text: string, scope: 'every' | 'text'): readonly Detection[] {
  const detectors = scope === 'every' ? EVERY : EVERY;
  return mergeDetections(
    text,
    detectors.flatMap((detector) => detector.find(text)),
  );
}
