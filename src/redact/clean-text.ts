import type { Search } from './search.ts';
import type { Surface } from './surface.ts';

/** The text that was last found clean at one place. */
export interface CleanText {
  text: string | undefined;
  /** As what it was searched: a name that is clean may not be so as free text. */
  surface: Surface;
}

/** Longer texts seldom come twice, and this many characters are all that a place may hold. */
const LONGEST = 64;

/** A place where nothing was met yet. */
export function noCleanText(): CleanText {
  return { text: undefined, surface: 'name' };
}

/**
 * Searches a text, unless it is the one that was last found clean at this place: methods, routes
 * and hosts are the same in most records. What was found to hold something is never kept, so
 * that no personal data stays in memory and each finding is counted.
 */
export function searchOnce(
  text: string,
  { surface, search, last }: { surface: Surface; search: Search; last: CleanText },
): string | undefined {
  if (text === last.text && surface === last.surface) return text;
  const found = search(text, surface);
  if (found === text && text.length <= LONGEST) {
    last.text = text;
    last.surface = surface;
  }
  return found;
}
