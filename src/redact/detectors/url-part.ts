import { detect } from './detect.ts';
import type { DataClass, Detection } from './detector.ts';
import { mergeDetections } from './merge.ts';
import { decodePercent } from './percent.ts';

/** How URLs are redacted. */
export interface UrlRedaction {
  /** Names, in lower case, of the query parameters whose values may stay after being searched. */
  readonly allow: ReadonlySet<string>;
  /** What is written in place of a value of a class. */
  readonly replace: (value: string, kind: DataClass) => string;
}

/** Signs that would change the meaning of a URL if they stood in the middle of it. */
const SPECIAL = /[^\w.~!$'()*+,:@[\]\u0080-\uffff-]/g;

function escapeSpecial(text: string): string {
  return text.replace(
    SPECIAL,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** What stands for a value inside a URL; a space would end the URL for whoever reads it. */
export function replacement(value: string, kind: DataClass, options: UrlRedaction): string {
  return options.replace(value, kind).replaceAll(' ', '%20');
}

/** What a decoded piece holds, with a plus read as itself and as the space it may stand for. */
function detectDecoded(text: string): readonly Detection[] {
  const found = detect(text, 'text');
  if (!text.includes('+')) return found;
  return mergeDetections(text, [...found, ...detect(text.replaceAll('+', ' '), 'text')]);
}

/** Writes a text with each detection replaced; `keep` writes what stays. */
function writeReplaced(
  text: string,
  found: readonly Detection[],
  { options, keep }: { options: UrlRedaction; keep: (piece: string) => string },
): string {
  let written = '';
  let at = 0;
  for (const { start, end, class: kind } of found) {
    written += keep(text.slice(at, start)) + replacement(text.slice(start, end), kind, options);
    at = end;
  }
  return written + keep(text.slice(at));
}

/** Redacts what detectors find in a piece of a URL as it is written. */
export function redactWritten(text: string, options: UrlRedaction): string {
  return writeReplaced(text, detect(text, 'text'), { options, keep: (piece) => piece });
}

/**
 * Redacts one piece of a URL: a path segment, a name or a value of the query. It is decoded before
 * it is searched; when something was found, what stays is encoded anew. A piece that is encoded
 * more often than can be read is replaced as a whole.
 */
export function redactPart(part: string, options: UrlRedaction): string {
  if (part === '') return part;
  const { text, isOpaque } = decodePercent(part);
  if (isOpaque) return replacement(part, 'text', options);
  const found = detectDecoded(text);
  return found.length === 0 ? part : writeReplaced(text, found, { options, keep: escapeSpecial });
}
