import { insideText } from './json-text.ts';

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

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
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
      if (unit < 0x20 || unit > 0x7f || unit === QUOTE || unit === BACKSLASH) return false;
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
      memory[at] = QUOTE;
      memory[end] = QUOTE;
      at = end + 1;
    },
    nestedText(text) {
      if (!hasRoom(text.length + 4)) return;
      if (!plain(text, at + 2)) {
        anything(insideText(JSON.stringify(text)));
        return;
      }
      const end = at + 2 + text.length;
      memory[at] = BACKSLASH;
      memory[at + 1] = QUOTE;
      memory[end] = BACKSLASH;
      memory[end + 1] = QUOTE;
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
