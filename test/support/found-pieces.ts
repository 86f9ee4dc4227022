import type { Detection } from '../../src/redact/detectors/detector.ts';

/** The pieces of a text that detections stand for. */
export function foundPieces(text: string, detections: readonly Detection[]): readonly string[] {
  return detections.map(({ start, end }) => text.slice(start, end));
}
