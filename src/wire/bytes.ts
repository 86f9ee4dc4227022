/** From this length on the engine's own loops are quicker than one of ours, over texts read alone. */
const LONG_TO_READ = 49;
// A class of characters is the quickest test there is for long texts; it never backtracks.
// oxlint-disable-next-line no-control-regex
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_SURROGATE = 0xd800;
const LAST_LEAD_SURROGATE = 0xdbff;
const LAST_SURROGATE = 0xdfff;

/** Writes a text as JSON with the fewest escapes (RFC 8785, 3.2.2.2). */
export function jsonText(text: string): string {
  return needsEscape(text) ? JSON.stringify(text) : `"${text}"`;
}

function needsEscape(text: string): boolean {
  if (text.length >= LONG_TO_READ) return NEEDS_ESCAPE.test(text);
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < SPACE || unit === QUOTE || unit === BACKSLASH) return true;
    if (unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE) return true;
  }
  return false;
}

/** Writes JSON as it stands between the quotes of a JSON text. */
export function insideText(json: string): string {
  return JSON.stringify(json).slice(1, -1);
}

/** Counts the bytes of a well-formed text in UTF-8. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}

/**
 * Cuts a well-formed text so that it takes at most that many bytes between JSON's quotes, without
 * splitting a character.
 */
export function cutJson(text: string, maxBytes: number): string {
  let used = 0;
  let index = 0;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    used += jsonWidth(unit);
    if (used > maxBytes) return text.slice(0, index);
    index += isLeadSurrogate(unit) ? 2 : 1;
  }
  return text;
}

/** Bytes that the character which begins with a unit takes between JSON's quotes. */
function jsonWidth(unit: number): number {
  if (unit === QUOTE || unit === BACKSLASH) return 2;
  // \b \t \n \f \r have a short form, the other control characters are written \u00xx.
  if (unit < SPACE) return unit === 0x0b || unit < 0x08 || unit > 0x0d ? 6 : 2;
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return isLeadSurrogate(unit) ? 4 : 3;
}

function isLeadSurrogate(unit: number): boolean {
  return unit >= FIRST_SURROGATE && unit <= LAST_LEAD_SURROGATE;
}

/** Bytes of a text that is written often, made once. */
export type Piece = Uint8Array;

/** Makes a {@link Piece} of a text. */
export function pieceOf(text: string): Piece {
  return Buffer.from(text);
}

/** From this length on the engine's own loops are quicker than one of ours, over texts copied. */
const LONG_TO_COPY = 96;
// As above: control characters are what is looked for.
// oxlint-disable-next-line no-control-regex
const NEEDS_CARE = /["\\\u0000-\u001f\u0080-\uffff]/;
const MOST_BYTES_PER_UNIT = 3;

/**
 * Memory in which a body is put together, one after the other in the same place.
 *
 * A text that is made by adding up a hundred short ones is a tree in the engine, which has to be
 * flattened before it is counted or sent; writing bytes one behind the other costs half of both.
 *
 * - What does not fit is left out; then `finish` gives nothing.
 * - What is written is well-formed UTF-8.
 */
export class ByteScratch {
  readonly #memory: Buffer;
  #at = 0;
  #isFull = false;

  /** Takes the size in bytes. */
  constructor(size: number) {
    this.#memory = Buffer.allocUnsafeSlow(size);
  }

  /** Forgets what was written before. */
  begin(): void {
    this.#at = 0;
    this.#isFull = false;
  }

  /** A copy of what was written; `undefined` when not all of it fitted. */
  finish(): Uint8Array | undefined {
    if (this.#isFull) return undefined;
    // From the pool of `Buffer`: memory for each alone costs more than the copy.
    const copy = Buffer.allocUnsafe(this.#at);
    this.#memory.copy(copy, 0, 0, this.#at);
    return copy;
  }

  /** Bytes written since; more than there is room for when it is full. */
  length(): number {
    return this.#isFull ? this.#memory.length + 1 : this.#at;
  }

  /** Writes bytes as they are. */
  piece(bytes: Piece): void {
    if (!this.#hasRoom(bytes.length)) return;
    const memory = this.#memory;
    const at = this.#at;
    if (bytes.length >= LONG_TO_COPY) memory.set(bytes, at);
    else
      for (let index = 0; index < bytes.length; index += 1) memory[at + index] = bytes[index] ?? 0;
    this.#at = at + bytes.length;
  }

  /** Writes a text of ASCII alone as it is. */
  ascii(text: string): void {
    if (!this.#hasRoom(text.length)) return;
    const memory = this.#memory;
    const at = this.#at;
    for (let index = 0; index < text.length; index += 1) {
      memory[at + index] = text.charCodeAt(index);
    }
    this.#at = at + text.length;
  }

  /** Writes a text as JSON. */
  text(text: string): void {
    if (!this.#hasRoom(text.length + 2)) return;
    const at = this.#at;
    if (!this.#plain(text, at + 1)) {
      this.#anything(JSON.stringify(text));
      return;
    }
    const memory = this.#memory;
    const end = at + 1 + text.length;
    memory[at] = QUOTE;
    memory[end] = QUOTE;
    this.#at = end + 1;
  }

  /** Writes a text as JSON that stands inside a JSON text. */
  nestedText(text: string): void {
    if (!this.#hasRoom(text.length + 4)) return;
    const at = this.#at;
    if (!this.#plain(text, at + 2)) {
      this.#anything(insideText(JSON.stringify(text)));
      return;
    }
    const memory = this.#memory;
    const end = at + 2 + text.length;
    memory[at] = BACKSLASH;
    memory[at + 1] = QUOTE;
    memory[end] = BACKSLASH;
    memory[end + 1] = QUOTE;
    this.#at = end + 2;
  }

  #hasRoom(length: number): boolean {
    if (!this.#isFull && this.#at + length <= this.#memory.length) return true;
    this.#isFull = true;
    return false;
  }

  /** Writes a text of which each unit is one byte and stands in JSON as it is; or nothing. */
  #plain(text: string, from: number): boolean {
    const memory = this.#memory;
    if (text.length >= LONG_TO_COPY) {
      if (NEEDS_CARE.test(text)) return false;
      memory.write(text, from, 'latin1');
      return true;
    }
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit < SPACE || unit > 0x7f || unit === QUOTE || unit === BACKSLASH) return false;
      memory[from + index] = unit;
    }
    return true;
  }

  #anything(text: string): void {
    if (!this.#hasRoom(text.length * MOST_BYTES_PER_UNIT)) return;
    this.#at += this.#memory.write(text, this.#at, 'utf8');
  }
}
