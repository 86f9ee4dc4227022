import { codesOf, isHexDigit, isSpace, runEnd } from './characters.ts';
import type { Detection } from './detector.ts';
import { mergeDetections } from './detector.ts';

/** How many times a text may be percent-encoded and still be read. */
const MOST_LEVELS = 3;

const ESCAPE = /%[0-9a-f]{2}/iu;
const ASCII_ESCAPES = /%[0-7][0-9a-f]/giu;
/** Without the state that `g` keeps between tests. */
const ASCII_ESCAPE = /%[0-7][0-9a-f]/iu;

/** A text after percent-decoding. */
interface Decoded {
  readonly text: string;
  /** Whether escapes are left after {@link MOST_LEVELS} rounds: nobody can tell what it says. */
  readonly isOpaque: boolean;
}

/** Percent-decodes a text until nothing changes, at most {@link MOST_LEVELS} times. Never throws. */
export function decodePercent(text: string): Decoded {
  let decoded = text;
  for (let level = 0; level < MOST_LEVELS; level += 1) {
    if (!ESCAPE.test(decoded)) return { text: decoded, isOpaque: false };
    const next = decodeOnce(decoded);
    if (next === decoded) return { text: decoded, isOpaque: false };
    decoded = next;
  }
  return { text: decoded, isOpaque: ASCII_ESCAPE.test(decoded) };
}

/**
 * Decodes once. Bytes that are no UTF-8 and signs that are no escape stay as they are; the
 * ASCII escapes around them are decoded all the same.
 */
function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(ASCII_ESCAPES, (escape) =>
      String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
    );
  }
}

type Find = (text: string) => readonly Detection[];

/**
 * Finds tokens whose percent escapes, up to three levels of them, hide what `find` would find in
 * clear (`joe%40example.com`, `%25%34%30`). The detection covers the whole token, since no part of
 * it can be told apart from outside. A token that is encoded more often is covered as `text`.
 */
export function findEncoded(text: string, find: Find): readonly Detection[] {
  const found: Detection[] = [];
  let at = text.indexOf('%');
  let floor = 0;
  while (at !== -1) {
    let next = at + 1;
    if (isHexDigit(text.charCodeAt(at + 1)) && isHexDigit(text.charCodeAt(at + 2))) {
      const [start, end] = tokenAround(text, at, floor);
      const hidden = hiddenIn(text.slice(start, end), find);
      if (hidden !== undefined) found.push({ start, end, class: hidden });
      floor = end;
      next = end;
    }
    at = text.indexOf('%', next);
  }
  return found;
}

/** The token around the escape at `at`, not reaching back before `floor`. */
function tokenAround(text: string, at: number, floor: number): readonly [number, number] {
  let start = at;
  while (start > floor && isPart(text.charCodeAt(start - 1))) start -= 1;
  return [start, runEnd(text, at, isPart)];
}

/** Signs that end an encoded token; each would itself be encoded inside one. */
const DELIMITERS: ReadonlySet<number> = codesOf('"\'<>&=?;,/()[]{}|\\^`#');

function isPart(code: number): boolean {
  return !isSpace(code) && !DELIMITERS.has(code);
}

/** What a token hides behind its escapes, as one detection that covers all of it. */
function hiddenIn(token: string, find: Find): Detection['class'] | undefined {
  const decoded = decodePercent(token);
  const hidden = find(decoded.text);
  if (hidden.length <= find(token).length) return decoded.isOpaque ? 'text' : undefined;
  const covering = hidden.map((detection) => ({ ...detection, start: 0, end: token.length }));
  return mergeDetections(token, covering)[0]?.class;
}
