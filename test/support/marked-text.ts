import type { Detection } from '../../src/redact/detectors/detector.ts';

/** A text with the places marked that a detector should find. */
export interface MarkedText {
  readonly text: string;
  readonly spans: readonly { readonly start: number; readonly end: number }[];
}

/** Reads a text in which `«` and `»` stand around what should be found. */
export function readMarked(marked: string): MarkedText {
  const spans: { start: number; end: number }[] = [];
  let text = '';
  for (const piece of marked.split(/(«[^»]*»)/u)) {
    const inner = piece.startsWith('«') ? piece.slice(1, -1) : piece;
    if (inner !== piece) spans.push({ start: text.length, end: text.length + inner.length });
    text += inner;
  }
  return { text, spans };
}

/** Writes the marks of detections into a text; the reverse of {@link readMarked}. */
export function writeMarked(text: string, detections: readonly Detection[]): string {
  let marked = '';
  let at = 0;
  for (const { start, end } of detections) {
    marked += `${text.slice(at, start)}«${text.slice(start, end)}»`;
    at = end;
  }
  return marked + text.slice(at);
}
