import { detect } from './detectors/detect.ts';

/** Longest string that is searched, in UTF-16 units; the end of a longer one is not kept. */
export const MAX_SEARCHED = 65_536;

/** How far from its limit a cut may lie, and how far around it values are looked for whole. */
const REACH = 4096;

const WHITE_SPACE = /\s/;

function lastSpace(text: string, limit: number): number {
  for (let at = limit; at > Math.max(0, limit - REACH); at -= 1) {
    if (WHITE_SPACE.test(text.charAt(at))) return at;
  }
  return Math.max(0, limit - REACH);
}

function isInsideCharacter(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 0;
}

/**
 * Where to cut a text that is longer than `limit`: at white space close by, before a value that
 * lies across the cut (half of it would be recognised by no detector), never inside a character.
 */
export function safeCut(text: string, limit: number): number {
  const from = Math.max(0, limit - 2 * REACH);
  let cut = lastSpace(text, limit);
  for (const { start, end } of detect(text.slice(from, limit + REACH), 'text')) {
    if (from + start < cut && cut < from + end) cut = from + start;
  }
  return isInsideCharacter(text, cut) ? cut - 1 : cut;
}

/** What stands in place of the end of a text. */
export function cutMarker(characters: number): string {
  return `[+${characters} characters not kept]`;
}
