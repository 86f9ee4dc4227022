/** Counts the bytes of a well-formed text in UTF-8. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}

/** Bytes of the character that begins at an index of a text. */
function utf8Width(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit <= 0xdbff ? 4 : 3;
}

function escapeWidth(unit: number): number {
  if (unit === 0x22 || unit === 0x5c) return 2;
  if (unit >= 0x20) return utf8Width(unit);
  // \b \t \n \f \r have a short form, the other control characters are written \u00xx.
  return unit === 0x0b || unit < 0x08 || unit > 0x0d ? 6 : 2;
}

/** The longest beginning of a text that fits, with the width of each character as given. */
function prefix(text: string, limit: number, width: (unit: number) => number): string {
  let used = 0;
  let index = 0;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    used += width(unit);
    if (used > limit) return text.slice(0, index);
    index += unit >= 0xd800 && unit <= 0xdbff ? 2 : 1;
  }
  return text;
}

/** Cuts a well-formed text to a number of UTF-8 bytes without splitting a character. */
export function cutUtf8(text: string, maxBytes: number): string {
  return prefix(text, maxBytes, utf8Width);
}

/** Cuts a well-formed text so that it takes at most that many bytes between JSON's quotes. */
export function cutJson(text: string, maxBytes: number): string {
  return prefix(text, maxBytes, escapeWidth);
}
