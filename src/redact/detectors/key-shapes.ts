import type { Detection, Detector } from './detector.ts';
import { isAlphanumeric } from './characters.ts';

/** A key format known by how it begins: the sign to look for, and the whole shape around it. */
interface KeyShape {
  readonly anchor: string;
  /** Where the key begins, counted back from the anchor. */
  readonly back: number;
  readonly shape: RegExp;
}

/** Sticky, so that each is tried at one place only. */
const SHAPES: readonly KeyShape[] = [
  { anchor: '_live_', back: 3, shape: /iml_live_[\w-]{8,}/uy },
  { anchor: '_test_', back: 3, shape: /iml_test_[\w-]{8,}/uy },
  { anchor: '_live_', back: 2, shape: /[rs]k_live_\w{10,}/uy },
  { anchor: '_test_', back: 2, shape: /[rs]k_test_\w{10,}/uy },
  { anchor: 'whsec_', back: 0, shape: /whsec_[\w+/=]{16,}/uy },
  { anchor: 'AKIA', back: 0, shape: /AKIA[A-Z2-7]{16}(?![A-Za-z0-9])/uy },
  { anchor: 'ASIA', back: 0, shape: /ASIA[A-Z2-7]{16}(?![A-Za-z0-9])/uy },
  { anchor: 'gh', back: 0, shape: /gh[oprsu]_[A-Za-z0-9]{20,}/uy },
  { anchor: 'github_pat_', back: 0, shape: /github_pat_\w{20,}/uy },
  { anchor: 'glpat-', back: 0, shape: /glpat-[\w-]{16,}/uy },
  { anchor: 'npm_', back: 0, shape: /npm_[A-Za-z0-9]{30,}/uy },
  { anchor: 'xox', back: 0, shape: /xox[abeoprs]-[\w-]{10,}/uy },
  { anchor: 'AIza', back: 0, shape: /AIza[\w-]{30,}/uy },
  { anchor: 'GOCSPX-', back: 0, shape: /GOCSPX-[\w-]{20,}/uy },
  { anchor: 'SG.', back: 0, shape: /SG\.[\w-]{16,}\.[\w-]{16,}/uy },
  { anchor: 'sk-', back: 0, shape: /sk-(?=[\w-]{0,64}\d)[\w-]{20,}/uy },
];

/** The shortest of the shapes above: nothing below this length can hold one. */
export const SHORTEST_KEY = 16;

function findShape(text: string, { anchor, back, shape }: KeyShape): Detection[] {
  const found: Detection[] = [];
  let at = text.indexOf(anchor);
  while (at !== -1) {
    const start = at - back;
    let next = at + anchor.length;
    if (start >= 0 && !isAlphanumeric(text.charCodeAt(start - 1))) {
      shape.lastIndex = start;
      const length = shape.exec(text)?.[0].length ?? 0;
      if (length > 0) found.push({ start, end: start + length, class: 'key' });
      next = Math.max(next, start + length);
    }
    at = text.indexOf(anchor, next);
  }
  return found;
}

/** Finds API keys by the well-known beginnings their issuers gave them for that purpose. */
export const keyShapeDetector: Detector = {
  class: 'key',
  find(text: string): readonly Detection[] {
    if (text.length < SHORTEST_KEY) return [];
    return SHAPES.flatMap((shape) => findShape(text, shape)).sort(
      (one, other) => one.start - other.start,
    );
  },
};
