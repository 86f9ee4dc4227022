import type { ClampDraft } from './clamp-draft.ts';
import { MIN_CUT_BYTES, cutMarked, cutStack } from './cut-marked.ts';
import { jsonBytes, mapTexts, visitTexts } from './json-tree.ts';

const QUOTES = 2;
const MIN_STACK_BYTES = 256;

const textBytes = (text: string): number => jsonBytes(text) - QUOTES;

/**
 * The highest level to which all longer texts can be cut and still save `excess` bytes; so
 * that the longest go first and none goes further than it must.
 */
function levelOf(sizes: readonly number[], excess: number, floor: number): number {
  const descending = sizes.toSorted((left, right) => right - left);
  let sum = 0;
  for (const [index, size] of descending.entries()) {
    sum += size;
    const level = Math.floor((sum - excess) / (index + 1));
    if (level >= (descending[index + 1] ?? 0)) return Math.max(level, floor);
  }
  return floor;
}

interface TextRule {
  readonly applies: (key: string) => boolean;
  readonly floor: number;
  readonly cut: (text: string, maxBytes: number) => string;
}

function cutTexts(draft: ClampDraft, { applies, floor, cut }: TextRule): void {
  const keys = draft.keys().filter((key) => key !== 'truncated');
  const sizes: number[] = [];
  const measure = (text: string, key: string): void => {
    if (applies(key) && text.length * 6 > floor) sizes.push(textBytes(text));
  };
  for (const key of keys) visitTexts(draft.get(key) ?? null, key, measure);
  if (sizes.every((size) => size <= floor)) return;

  const level = levelOf(sizes, draft.excess, floor);
  const replace = (text: string, key: string): string =>
    applies(key) && text.length * 6 > level && textBytes(text) > level ? cut(text, level) : text;
  for (const key of keys) draft.set(key, mapTexts(draft.get(key) ?? null, key, replace));
}

/** Cuts frames off stack traces, the longest first. */
export function cutStacks(draft: ClampDraft): void {
  cutTexts(draft, {
    applies: (key) => key === 'stack' || key.endsWith('exception.stacktrace'),
    floor: MIN_STACK_BYTES,
    cut: cutStack,
  });
}

/** Cuts the longest texts, whatever they are. */
export function cutLongestTexts(draft: ClampDraft): void {
  cutTexts(draft, { applies: () => true, floor: MIN_CUT_BYTES, cut: cutMarked });
}
