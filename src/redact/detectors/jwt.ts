import { isBase64Url, runEnd } from './characters.ts';
import type { Detection, Detector } from './detector.ts';

/** `{"` in base64url, with which the header of every token of this kind begins. */
const OPENING = 'eyJ';
const SHORTEST_HEADER = 10;
/** The opening with the rest of the shortest header; repeats above three are slow to find. */
const BEGINNING = /eyJ[\w-]{3}[\w-]{3}[\w-]/u;
const DOT = 46;
/** A signed token has three parts, an encrypted one five. */
const MOST_PARTS = 5;

/** Offsets behind the parts that begin at `start` and are joined by dots. */
function partEnds(text: string, start: number): readonly number[] {
  const ends: number[] = [];
  let end = start - 1;
  do {
    end = runEnd(text, end + 1, isBase64Url);
    ends.push(end);
  } while (ends.length < MOST_PARTS && text.charCodeAt(end) === DOT);
  return ends;
}

/** Offset behind the token that begins at `start`, or `undefined` when none does. */
function tokenEnd(text: string, start: number, ends: readonly number[]): number | undefined {
  const [header = start, claims, signature, , tag] = ends;
  if (claims === undefined || header - start < SHORTEST_HEADER) return undefined;
  if (signature === undefined) return text.startsWith(OPENING, header + 1) ? claims : undefined;
  if (tag !== undefined) return tag;
  return claims > header + 1 ? signature : undefined;
}

/**
 * Finds JSON Web Tokens (RFC 7519), signed, unsigned and encrypted.
 *
 * One that was cut off in its second part is a token still when that part begins like a JSON
 * object; a lone base64 object is none.
 */
export const jwtDetector: Detector = {
  class: 'jwt',
  mayFind: (text) => text.includes('J') && BEGINNING.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let start = text.indexOf(OPENING);
    while (start !== -1) {
      const ends = partEnds(text, start);
      const end = tokenEnd(text, start, ends);
      if (end !== undefined) found.push({ start, end, class: 'jwt' });
      start = text.indexOf(OPENING, end ?? ends[0]);
    }
    return found;
  },
};
