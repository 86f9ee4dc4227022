import { continuesWord } from './boundary.ts';
import type { Detection, Detector } from './detector.ts';
import { mergeDetections } from './merge.ts';

/** A key format known by how it begins. All shapes are sticky: each is tried at one place. */
interface KeyShape {
  /** What stands in front of its first `_`, `-`, or is its beginning where it has neither. */
  readonly head: string;
  readonly shape: RegExp;
}

const UNDERSCORED: readonly KeyShape[] = [
  { head: 'iml', shape: /iml_(?:live|test)_[\w-]{8,}/uy },
  { head: 'sk', shape: /sk_(?:live|test)_\w{10,}/uy },
  { head: 'rk', shape: /rk_(?:live|test)_\w{10,}/uy },
  { head: 'whsec', shape: /whsec_[\w+/=]{16,}/uy },
  ...['gho', 'ghp', 'ghr', 'ghs', 'ghu'].map((head) => ({
    head,
    shape: /gh\w_[A-Za-z0-9]{20,}/uy,
  })),
  { head: 'github', shape: /github_pat_\w{20,}/uy },
  { head: 'npm', shape: /npm_[A-Za-z0-9]{30,}/uy },
];

const HYPHENATED: readonly KeyShape[] = [
  { head: 'glpat', shape: /glpat-[\w-]{16,}/uy },
  { head: 'GOCSPX', shape: /GOCSPX-[\w-]{20,}/uy },
  { head: 'sk', shape: /sk-(?=[\w-]{0,64}\d)[\w-]{20,}/uy },
  ...['xoxa', 'xoxb', 'xoxe', 'xoxo', 'xoxp', 'xoxr', 'xoxs'].map((head) => ({
    head,
    shape: /xox\w-[\w-]{10,}/uy,
  })),
];

const LITERAL: readonly KeyShape[] = [
  { head: 'AKIA', shape: /AKIA[A-Z2-7]{16}(?![A-Za-z0-9])/uy },
  { head: 'ASIA', shape: /ASIA[A-Z2-7]{16}(?![A-Za-z0-9])/uy },
  { head: 'AIza', shape: /AIza[\w-]{30,}/uy },
  { head: 'SG.', shape: /SG\.[\w-]{16,}\.[\w-]{16,}/uy },
];

/** The heads that stand alone again, for the engine to look for all at once. */
const ANY_LITERAL = /A[KS]IA|AIza|SG\./u;

/** Shapes by the last two letters of their head. */
type HeadIndex = ReadonlyMap<number, KeyShape>;

/** The two signs in front of `end` as one number, which is cheaper to look up than a string. */
function lastLetters(text: string, end: number): number {
  return text.charCodeAt(end - 2) * 65_536 + text.charCodeAt(end - 1);
}

function byLastLetters(shapes: readonly KeyShape[]): HeadIndex {
  return new Map(shapes.map((shape) => [lastLetters(shape.head, shape.head.length), shape]));
}

const BY_UNDERSCORE: HeadIndex = byLastLetters(UNDERSCORED);
const BY_HYPHEN: HeadIndex = byLastLetters(HYPHENATED);

/** The key of this shape that begins at `start`, if one does. */
function keyAt(text: string, start: number, { shape }: KeyShape): Detection | undefined {
  if (start < 0 || continuesWord(text, start)) return undefined;
  shape.lastIndex = start;
  const length = shape.exec(text)?.[0].length ?? 0;
  return length === 0 ? undefined : { start, end: start + length, class: 'key' };
}

function hasHead(text: string, sign: '_' | '-', heads: HeadIndex): boolean {
  let at = text.indexOf(sign);
  while (at !== -1) {
    if (heads.has(lastLetters(text, at))) return true;
    at = text.indexOf(sign, at + 1);
  }
  return false;
}

function findJoined(text: string, sign: '_' | '-', heads: HeadIndex): Detection[] {
  const found: Detection[] = [];
  let at = text.indexOf(sign);
  while (at !== -1) {
    const shape = heads.get(lastLetters(text, at));
    const key = shape === undefined ? undefined : keyAt(text, at - shape.head.length, shape);
    if (key !== undefined) found.push(key);
    at = text.indexOf(sign, key?.end ?? at + 1);
  }
  return found;
}

function findLiteral(text: string, shape: KeyShape): Detection[] {
  const found: Detection[] = [];
  let at = text.indexOf(shape.head);
  while (at !== -1) {
    const key = keyAt(text, at, shape);
    if (key !== undefined) found.push(key);
    at = text.indexOf(shape.head, key?.end ?? at + 1);
  }
  return found;
}

/** Finds API keys by the well-known beginnings their issuers gave them for that purpose. */
export const keyShapeDetector: Detector = {
  class: 'key',
  mayFind: (text) =>
    hasHead(text, '_', BY_UNDERSCORE) || hasHead(text, '-', BY_HYPHEN) || ANY_LITERAL.test(text),
  find(text: string): readonly Detection[] {
    const found = [...findJoined(text, '_', BY_UNDERSCORE), ...findJoined(text, '-', BY_HYPHEN)];
    for (const shape of LITERAL) found.push(...findLiteral(text, shape));
    return mergeDetections(text, found);
  },
};
