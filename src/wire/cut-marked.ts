import { cutJson, utf8Length } from './utf8.ts';

/** Below this many bytes a cut text says less than its marker. */
export const MIN_CUT_BYTES = 96;

const mark = (characters: number): string => `… [+${String(characters)} characters]`;

/**
 * Cuts a text so that it takes at most that many bytes between JSON's quotes, with a marker
 * that says how much went. The limit is at least {@link MIN_CUT_BYTES}.
 */
export function cutMarked(text: string, maxBytes: number): string {
  const room = maxBytes - utf8Length(mark(text.length));
  const kept = cutJson(text, room);
  return `${kept}${mark(text.length - kept.length)}`;
}

/**
 * Cuts a stack trace so that it takes at most that many bytes between JSON's quotes: its
 * first line says what happened, its first frames where; a marker counts the lines that went.
 */
export function cutStack(text: string, maxBytes: number): string {
  const lines = text.split('\n');
  const marker = `    … ${String(lines.length)} more lines`;
  // Between the quotes a line break takes two bytes.
  let room = maxBytes - utf8Length(marker) - 2;
  const kept: string[] = [];
  for (const line of lines) {
    // `cutJson` gives the line back whole when it fits, in time bounded by the room.
    if (room < 0 || cutJson(line, room) !== line) break;
    kept.push(line);
    room -= utf8Length(JSON.stringify(line));
  }
  if (kept.length === 0) return cutMarked(text, maxBytes);
  return `${kept.join('\n')}\n${marker.replace(String(lines.length), String(lines.length - kept.length))}`;
}
