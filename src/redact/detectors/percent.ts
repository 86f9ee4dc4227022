/** How many times a text may be percent-encoded and still be read. */
export const MOST_LEVELS = 3;

const ESCAPE = /%[0-9a-f]{2}/iu;
const ASCII_ESCAPE = /%[0-7][0-9a-f]/giu;

/** A text after percent-decoding. */
export interface Decoded {
  readonly text: string;
  /** Whether escapes are left after {@link MOST_LEVELS} rounds: nobody can tell what it says. */
  readonly isOpaque: boolean;
}

/** Whether a text holds at least one percent escape. */
export function hasEscape(text: string): boolean {
  return ESCAPE.test(text);
}

/**
 * Decodes once. Bytes that are no UTF-8 and signs that are no escape stay as they are; the
 * ASCII escapes around them are decoded all the same.
 */
function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(ASCII_ESCAPE, (escape) =>
      String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
    );
  }
}

/** Percent-decodes a text until nothing changes, at most {@link MOST_LEVELS} times. Never throws. */
export function decodePercent(text: string): Decoded {
  let decoded = text;
  for (let level = 0; level < MOST_LEVELS; level += 1) {
    if (!hasEscape(decoded)) return { text: decoded, isOpaque: false };
    const next = decodeOnce(decoded);
    if (next === decoded) return { text: decoded, isOpaque: false };
    decoded = next;
  }
  return { text: decoded, isOpaque: ASCII_ESCAPE_LEFT.test(decoded) };
}

const ASCII_ESCAPE_LEFT = /%[0-7][0-9a-f]/iu;
