/** Longest string that is searched, in UTF-16 units; the end of a longer one is not kept. */
export const MAX_SEARCHED = 65_536;

/** How far back a cut looks for white space, so that it does not halve what a detector would find. */
const LOOK_BACK = 4096;

const WHITE_SPACE = /\s/;

/**
 * Where to cut a text that is longer than `limit`: at white space, so that no half of an address
 * or token is left that no detector recognises; never inside a code point.
 */
export function safeCut(text: string, limit: number): number {
  for (let at = limit; at > Math.max(0, limit - LOOK_BACK); at -= 1) {
    if (WHITE_SPACE.test(text.charAt(at))) return at;
  }
  return Math.max(0, limit - LOOK_BACK);
}

/** What stands in place of the end of a text. */
export function cutMarker(characters: number): string {
  return `[+${characters} characters not kept]`;
}
