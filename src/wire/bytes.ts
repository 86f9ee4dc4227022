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

/** Bytes of a text that is written often, made once. */
export type Piece = Uint8Array;

/** Makes a {@link Piece} of a text. */
export function pieceOf(text: string): Piece {
  return Buffer.from(text);
}

/**
 * Memory in which a body is put together, one after the other in the same place.
 *
 * A text that is made by adding up a hundred short ones is a tree in the engine, which has to be
 * flattened before it is counted or sent; writing bytes one behind the other costs half of both.
 *
 * - What does not fit is left out; then `finish` gives nothing.
 * - What is written is well-formed UTF-8.
 */
export interface ByteScratch {
  /** Forgets what was written before. */
  begin(): void;
  /** Bytes written since; more than there is room for when it is full. */
  length(): number;
  piece(bytes: Piece): void;
  /** Writes a text of ASCII alone as it is. */
  ascii(text: string): void;
  /** Writes a text as JSON. */
  text(text: string): void;
  /** Writes a text as JSON that stands inside a JSON text. */
  nestedText(text: string): void;
  /** A copy of what was written; `undefined` when not all of it fitted. */
  finish(): Uint8Array | undefined;
}

const BYTE_SCRATCH_QUOTE = 0x22;
const BYTE_SCRATCH_BACKSLASH = 0x5c;
/** From this length on the engine's own loops are quicker than one of ours. */
const LONG = 96;
// oxlint-disable-next-line no-control-regex
const NEEDS_CARE = /["\\\u0000-\u001f\u0080-\uffff]/;
const MOST_BYTES_PER_UNIT = 3;

/** Makes a {@link ByteScratch} of a fixed size in bytes. */
export function createByteScratch(size: number): ByteScratch {
  const memory = Buffer.allocUnsafeSlow(size);
  let at = 0;
  let isFull = false;

  function hasRoom(length: number): boolean {
    if (!isFull && at + length <= size) return true;
    isFull = true;
    return false;
  }

  /** Writes a text of which each unit is one byte and stands in JSON as it is; or nothing. */
  function plain(text: string, from: number): boolean {
    if (text.length >= LONG) {
      if (NEEDS_CARE.test(text)) return false;
      memory.write(text, from, 'latin1');
      return true;
    }
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (
        unit < 0x20 ||
        unit > 0x7f ||
        unit === BYTE_SCRATCH_QUOTE ||
        unit === BYTE_SCRATCH_BACKSLASH
      )
        return false;
      memory[from + index] = unit;
    }
    return true;
  }

  function anything(text: string): void {
    if (!hasRoom(text.length * MOST_BYTES_PER_UNIT)) return;
    at += memory.write(text, at, 'utf8');
  }

  return {
    begin() {
      at = 0;
      isFull = false;
    },
    length: () => (isFull ? size + 1 : at),
    piece(bytes) {
      if (!hasRoom(bytes.length)) return;
      if (bytes.length >= LONG) memory.set(bytes, at);
      else
        for (let index = 0; index < bytes.length; index += 1)
          memory[at + index] = bytes[index] ?? 0;
      at += bytes.length;
    },
    ascii(text) {
      if (!hasRoom(text.length)) return;
      for (let index = 0; index < text.length; index += 1) {
        memory[at + index] = text.charCodeAt(index);
      }
      at += text.length;
    },
    text(text) {
      if (!hasRoom(text.length + 2)) return;
      if (!plain(text, at + 1)) {
        anything(JSON.stringify(text));
        return;
      }
      const end = at + 1 + text.length;
      memory[at] = BYTE_SCRATCH_QUOTE;
      memory[end] = BYTE_SCRATCH_QUOTE;
      at = end + 1;
    },
    nestedText(text) {
      if (!hasRoom(text.length + 4)) return;
      if (!plain(text, at + 2)) {
        anything(insideText(JSON.stringify(text)));
        return;
      }
      const end = at + 2 + text.length;
      memory[at] = BYTE_SCRATCH_BACKSLASH;
      memory[at + 1] = BYTE_SCRATCH_QUOTE;
      memory[end] = BYTE_SCRATCH_BACKSLASH;
      memory[end + 1] = BYTE_SCRATCH_QUOTE;
      at = end + 2;
    },
    finish() {
      if (isFull) return undefined;
      // From the pool of `Buffer`: memory for each alone costs more than the copy.
      const copy = Buffer.allocUnsafe(at);
      memory.copy(copy, 0, 0, at);
      return copy;
    },
  };
}
