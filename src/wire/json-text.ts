// A class of characters is the quickest test there is for long texts; it never backtracks.
// oxlint-disable-next-line no-control-regex
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_SURROGATE = 0xd800;

/** Up to this length a loop is done before the engine has entered a regular expression. */
const SHORT = 48;

function isWritable(unit: number): boolean {
  if (unit >= FIRST_SURROGATE) return unit > 0xdfff;
  return unit >= SPACE && unit !== QUOTE && unit !== BACKSLASH;
}

function needsEscape(text: string): boolean {
  if (text.length > SHORT) return NEEDS_ESCAPE.test(text);
  for (let index = 0; index < text.length; index += 1) {
    if (!isWritable(text.charCodeAt(index))) return true;
  }
  return false;
}

/** Writes a text as JSON with the fewest escapes (RFC 8785, 3.2.2.2). */
export function jsonText(text: string): string {
  return needsEscape(text) ? JSON.stringify(text) : `"${text}"`;
}

/** Writes JSON as it stands between the quotes of a JSON text. */
export function insideText(json: string): string {
  return JSON.stringify(json).slice(1, -1);
}

/** Writes a text as JSON that stands inside a JSON text: `insideText(jsonText(text))`. */
export function nestedText(text: string): string {
  return needsEscape(text) ? insideText(JSON.stringify(text)) : `\\"${text}\\"`;
}
