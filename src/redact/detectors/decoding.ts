/**
 * Reads a text past the ways in which programs write characters: percent escapes, the escapes of
 * JSON, HTML entities, full-width forms, characters without width, spaces and dashes beyond ASCII,
 * and the escape sequences that colour a terminal, which count as a space.
 *
 * What is found in the text as it reads is mapped back to the text as it was written, unit by
 * unit. Malformed escapes stay as they are; the work is linear and nothing throws.
 */

import { codesOf, isSpace, runEnd } from './characters.ts';
import type { Detection } from './detector.ts';

/** How many times a text may be escaped and still be read: a percent in JSON in JSON in JSON. */
const MOST_LEVELS = 4;
/** The same for percent escapes alone. */
const MOST_PERCENT_LEVELS = 3;

/** A text as it reads. */
export interface Decoded {
  readonly text: string;
  /** The part of the written text that reads as the units from `start` to `end`. */
  written(start: number, end: number): readonly [start: number, end: number];
}

/** The named entities of HTML for signs that matter to a detector. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  commat: '@',
  period: '.',
  colon: ':',
  equals: '=',
  plus: '+',
  sol: '/',
  lowbar: '_',
  hyphen: '-',
  ndash: '-',
  dash: '-',
  num: '#',
  lpar: '(',
  rpar: ')',
  shy: '',
};

const LETTERS: Readonly<Record<string, string>> = { b: ' ', f: '\f', n: '\n', r: '\r', t: '\t' };

const BYTES = '(?:%[0-9a-fA-F]{2})+';
const BACKSLASH = String.raw`\\(?:u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|x[0-9a-fA-F]{2}|(?:e|033)(?=\[)|["'/\\bfnrt])`;
const ENTITY = `&(?:#\\d{1,7}|#[xX][0-9a-fA-F]{1,6}|${Object.keys(ENTITIES).join('|')});`;
/** Sequences of ECMA-48: those that begin `ESC [`, those that carry a text, and the short ones. */
const TERMINAL = String.raw`\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001b]{0,512}(?:\u0007|\u001b\\)|[@-Z\\^_])`;
/** Signs beyond ASCII that stand for others: spaces, dashes, full-width forms, signs without width. */
export const FORMS: string = String.raw`[\u00a0\u00ad\u034f\u061c\u180e\u2000-\u2015\u2028-\u202f\u205f-\u2064\u2066-\u206f\u2212\u3000\ufe58\ufe63\ufe6b\ufeff\uff01-\uff5e]`;

const WRITTEN = new RegExp([BYTES, BACKSLASH, ENTITY, TERMINAL, FORMS].join('|'), 'g');
const WRITTEN_WITHOUT_PERCENT = new RegExp([BACKSLASH, ENTITY, TERMINAL, FORMS].join('|'), 'g');

/** A change of colour as a terminal reads it, also where its first sign is written as an escape. */
const COLOUR = new RegExp(String.raw`((?:\u001b|\\(?:u001b|x1b|e|033))\[[0-9;:]{0,64}m)`, 'i');

/** The pieces of a text between changes of colour, with the changes themselves at odd places. */
export function splitAtColours(text: string): readonly string[] {
  return text.includes('[') ? text.split(COLOUR) : [text];
}

/** Where the two texts differ: units of the one that stand for units of the other. */
class Level implements Decoded {
  readonly #edits: readonly Edit[];
  readonly text: string;

  constructor(text: string, edits: readonly Edit[]) {
    this.text = text;
    this.#edits = edits;
  }

  written(start: number, end: number): readonly [number, number] {
    return [this.#startOf(start), this.#endOf(end)];
  }

  #startOf(at: number): number {
    const edit = this.#lastAt(at);
    if (edit === undefined) return at;
    return at < edit.at + edit.length ? edit.from : edit.to + (at - edit.at - edit.length);
  }

  #endOf(end: number): number {
    const edit = this.#lastAt(end - 1);
    if (edit === undefined) return end;
    return end <= edit.at + edit.length ? edit.to : edit.to + (end - edit.at - edit.length);
  }

  /** The last edit that begins at or before `at`. */
  #lastAt(at: number): Edit | undefined {
    let low = 0;
    let high = this.#edits.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#edits[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return this.#edits[low - 1];
  }
}

/** Units from `at` on, `length` of them, that were written from `from` to `to`. */
interface Edit {
  readonly at: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/** One level of reading; `undefined` when the text reads as it is written. */
function decodeLevel(text: string, pattern: RegExp): Level | undefined {
  pattern.lastIndex = 0;
  let match = pattern.exec(text);
  if (match === null) return undefined;
  const edits: Edit[] = [];
  let read = '';
  let done = 0;
  const add = (meaning: string, from: number, to: number): void => {
    read += text.slice(done, from);
    edits.push({ at: read.length, length: meaning.length, from, to });
    read += meaning;
    done = to;
  };
  for (; match !== null; match = pattern.exec(text)) {
    const [whole] = match;
    if (whole.startsWith('%')) decodeBytes(whole, match.index, add);
    else add(meaningOf(whole), match.index, match.index + whole.length);
  }
  return edits.length === 0 ? undefined : new Level(read + text.slice(done), edits);
}

function meaningOf(written: string): string {
  const first = written.charCodeAt(0);
  if (first === 0x1b) return ' ';
  if (first === 0x5c) return meaningOfEscape(written);
  return first === 0x26 ? meaningOfEntity(written) : meaningOfForm(written);
}

function meaningOfEscape(written: string): string {
  const sign = written.charAt(1);
  if (sign === 'u' || sign === 'x') return fromCode(written.slice(2).replace(/[{}]/g, ''), 16);
  if (sign === 'e' || sign === '0') return '\u001b';
  return LETTERS[sign] ?? sign;
}

function meaningOfEntity(written: string): string {
  const name = written.slice(1, -1);
  if (!name.startsWith('#')) return ENTITIES[name] ?? written;
  const isHex = /^#x/i.test(name);
  return fromCode(name.slice(isHex ? 2 : 1), isHex ? 16 : 10);
}

const LAST_CODE = 0x10_ffff;

function fromCode(digits: string, radix: number): string {
  const code = Number.parseInt(digits, radix);
  return code > LAST_CODE ? '\ufffd' : String.fromCodePoint(code);
}

/** What forms beyond ASCII stand for, those of full width left out. */
const MEANINGS: readonly (readonly [forms: RegExp, meaning: string])[] = [
  [/[\u2010-\u2015\u2212\ufe58\ufe63]/, '-'],
  [/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/, ' '],
  [/[\u2028\u2029]/, '\n'],
  [/\ufe6b/, '@'],
];

/** A form beyond ASCII as the sign it stands for; nothing for what has no width. */
function meaningOfForm(form: string): string {
  const code = form.charCodeAt(0);
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0);
  return MEANINGS.find(([forms]) => forms.test(form))?.[1] ?? '';
}

type Add = (meaning: string, from: number, to: number) => void;

/** Decodes a run of percent escapes as UTF-8; bytes that are none stay as they are. */
function decodeBytes(run: string, start: number, add: Add): void {
  const count = run.length / 3;
  const byteAt = (index: number): number =>
    index < count ? Number.parseInt(run.slice(index * 3 + 1, index * 3 + 3), 16) : 0;
  for (let index = 0; index < count;) {
    const [code, bytes] = codePointAt(byteAt, index);
    if (code !== -1) {
      const from = start + index * 3;
      add(String.fromCodePoint(code), from, from + bytes * 3);
    }
    index += bytes;
  }
}

/** The lowest code point that may be written with so many bytes (RFC 3629 section 3). */
const LOWEST = [0, 0, 0x80, 0x800, 0x1_0000];

/** The code point that begins at a byte and its number of bytes; `-1` where none does. */
function codePointAt(
  byteAt: (index: number) => number,
  index: number,
): readonly [code: number, bytes: number] {
  const first = byteAt(index);
  if (first < 0x80) return [first, 1];
  const bytes = lengthOf(first);
  let code = first & (0xff >> (bytes + 1));
  let isWhole = bytes > 1;
  for (let next = 1; next < bytes; next += 1) {
    const byte = byteAt(index + next);
    isWhole &&= (byte & 0xc0) === 0x80;
    code = (code << 6) | (byte & 0x3f);
  }
  return isWhole && isCodePoint(code, bytes) ? [code, bytes] : [-1, 1];
}

/** How many bytes a code point has that begins with this one; 1 where none does. */
function lengthOf(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1;
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}

/** Whether a code point may be written with so many bytes, and is no half of a pair. */
function isCodePoint(code: number, bytes: number): boolean {
  if (code < (LOWEST[bytes] ?? 0) || code > LAST_CODE) return false;
  return code < 0xd800 || code > 0xdfff;
}

/** A text as it reads after all levels; `undefined` when it reads as it is written. */
export function decodeForms(text: string): Decoded | undefined {
  let levels: Level[] | undefined;
  let read = text;
  for (let count = 0; count < MOST_LEVELS; count += 1) {
    const pattern = count < MOST_PERCENT_LEVELS ? WRITTEN : WRITTEN_WITHOUT_PERCENT;
    const level = decodeLevel(read, pattern);
    if (level === undefined || level.text === read) break;
    (levels ??= []).push(level);
    read = level.text;
  }
  const [only, ...more] = levels ?? [];
  if (only === undefined || more.length === 0) return only;
  const inner = (levels ?? []).toReversed();
  return {
    text: read,
    written: (start, end) =>
      inner.reduce<readonly [number, number]>(
        (place, level) => level.written(...place),
        [start, end],
      ),
  };
}

const ASCII_ESCAPE = /%[0-7][0-9a-fA-F]/;
const PERCENT_BYTES = new RegExp(BYTES, 'g');

/** Percent-decodes a text until nothing changes, at most three times. Never throws. */
export function decodePercent(text: string): { readonly text: string; readonly isOpaque: boolean } {
  let decoded = text;
  for (let count = 0; count < MOST_PERCENT_LEVELS; count += 1) {
    const next = decoded.includes('%') ? decodeLevel(decoded, PERCENT_BYTES) : undefined;
    if (next === undefined) return { text: decoded, isOpaque: false };
    decoded = next.text;
  }
  return { text: decoded, isOpaque: ASCII_ESCAPE.test(decoded) };
}

/** Signs that end an encoded token; each would itself be encoded inside one. */
const DELIMITERS: ReadonlySet<number> = codesOf('"\'<>&=?;,/()[]{}|\\^`#');

function isPart(code: number): boolean {
  return !isSpace(code) && !DELIMITERS.has(code);
}

const ESCAPED_PERCENT = '%25';

/**
 * Finds tokens that are percent-encoded more often than can be read (`%25252540`): nobody can tell
 * what they say.
 */
export function findUnreadable(text: string, decoded: Decoded): readonly Detection[] {
  if (!ASCII_ESCAPE.test(decoded.text) || !text.includes(ESCAPED_PERCENT)) return [];
  const found: Detection[] = [];
  for (const { index } of decoded.text.matchAll(new RegExp(ASCII_ESCAPE, 'g'))) {
    const [from] = decoded.written(index, index + 1);
    const floor = found.at(-1)?.end ?? 0;
    if (from < floor || !text.startsWith(ESCAPED_PERCENT, from)) continue;
    let start = from;
    while (start > floor && isPart(text.charCodeAt(start - 1))) start -= 1;
    found.push({ start, end: runEnd(text, from, isPart), class: 'text' });
  }
  return found;
}
