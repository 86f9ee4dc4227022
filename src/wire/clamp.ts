import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { cutJson, utf8Length } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';

/** Bytes that a value takes as canonical JSON. */
export function jsonBytes(value: JsonValue): number {
  return utf8Length(canonicalJson(value));
}

/** Bytes that a member takes in an object, without the comma. */
export function memberBytes(key: string, value: JsonValue): number {
  return jsonBytes(key) + 1 + jsonBytes(value);
}

/** Whether a value is an array. */
export function isJsonArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

/** Whether a value is an object. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is an object or an array without anything in it. */
export function isEmpty(value: JsonValue): boolean {
  if (isJsonArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}

/** Makes an object; also a key like `__proto__` becomes a property of its own. */
export function objectOf(members: Iterable<readonly [string, JsonValue]>): JsonObject {
  return Object.fromEntries(members);
}

/** Calls a function for each text of a tree, with the key under which it stands. */
export function visitTexts(
  value: JsonValue,
  key: string,
  visit: (text: string, key: string) => void,
): void {
  if (typeof value === 'string') visit(value, key);
  else if (isJsonArray(value)) for (const item of value) visitTexts(item, key, visit);
  else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) visitTexts(member, name, visit);
  }
}

/** Copies a tree with each text replaced by what a function gives for it. */
export function mapTexts(
  value: JsonValue,
  key: string,
  replace: (text: string, key: string) => string,
): JsonValue {
  if (typeof value === 'string') return replace(value, key);
  if (isJsonArray(value)) return value.map((item) => mapTexts(item, key, replace));
  if (!isJsonObject(value)) return value;
  return objectOf(
    Object.entries(value).map(([name, member]) => [name, mapTexts(member, name, replace)]),
  );
}

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

const QUOTES = 2;
const BRACKETS = 2;
const COMMA = 1;
// With less room an item would lose what it is about, such as the ids of a link.
const MIN_PART_BYTES = 256;

function fitText(text: string, maxBytes: number): string | undefined {
  const room = maxBytes - QUOTES;
  return room < MIN_CUT_BYTES ? undefined : cutMarked(text, room);
}

/** Keeps items from the front; the first that is too long is reduced to the room left. */
function fitArray(array: JsonArray, maxBytes: number): JsonArray {
  const kept: JsonValue[] = [];
  let room = maxBytes - BRACKETS;
  for (const item of array) {
    const bytes = jsonBytes(item) + COMMA;
    if (bytes > room) {
      const part = room < MIN_PART_BYTES ? undefined : fitValue(item, room - COMMA);
      return part === undefined ? kept : [...kept, part];
    }
    kept.push(item);
    room -= bytes;
  }
  return kept;
}

interface Member {
  readonly key: string;
  readonly value: JsonValue;
  readonly bytes: number;
}

/** The smaller goes first; of two alike the one that sorts first, so that the result is fixed. */
function bySize(left: Member, right: Member): number {
  return left.bytes - right.bytes || (left.key < right.key ? -1 : 1);
}

/** Keeps the smallest members; the first that is too long is reduced to the room left. */
function fitObject(object: JsonObject, maxBytes: number): JsonObject {
  const members = Object.entries(object)
    .map(([key, value]): Member => ({ key, value, bytes: memberBytes(key, value) + COMMA }))
    .sort(bySize);
  const kept: [string, JsonValue][] = [];
  let room = maxBytes - BRACKETS;
  for (const { key, value, bytes } of members) {
    const rest = room - (bytes - jsonBytes(value));
    const fitting = bytes <= room ? value : fitValue(value, rest);
    if (fitting !== undefined) kept.push([key, fitting]);
    if (bytes > room) break;
    room -= bytes;
  }
  return objectOf(kept);
}

/**
 * Reduces a value to a number of bytes of canonical JSON: long texts are cut, arrays lose
 * their end, objects their largest members. Nothing is changed that fits.
 *
 * @returns `undefined` when nothing worth keeping fits.
 */
export function fitValue(value: JsonValue, maxBytes: number): JsonValue | undefined {
  if (maxBytes < BRACKETS) return undefined;
  if (jsonBytes(value) <= maxBytes) return value;
  if (typeof value === 'string') return fitText(value, maxBytes);
  let reduced: JsonValue | undefined;
  if (isJsonArray(value)) reduced = fitArray(value, maxBytes);
  else if (isJsonObject(value)) reduced = fitObject(value, maxBytes);
  return reduced === undefined || isEmpty(reduced) ? undefined : reduced;
}

interface Measured {
  readonly value: JsonValue;
  readonly bytes: number;
}

/** A payload while it is being reduced; it knows its size without being written again. */
export class ClampDraft {
  readonly #members = new Map<string, Measured>();
  readonly #maxBytes: number;
  // Each member counts its comma; the two brackets, less the comma that the first one has not.
  #bytes = 1;

  constructor(payload: JsonObject, maxBytes: number) {
    this.#maxBytes = maxBytes;
    for (const [key, value] of Object.entries(payload)) this.set(key, value);
  }

  /** Bytes above the limit; 0 or less when the payload fits. */
  get excess(): number {
    return this.#bytes - this.#maxBytes;
  }

  /** The names of the members. */
  keys(): readonly string[] {
    return [...this.#members.keys()];
  }

  get(key: string): JsonValue | undefined {
    return this.#members.get(key)?.value;
  }

  /** Replaces a member; `undefined` takes it out. */
  set(key: string, value: JsonValue | undefined): void {
    this.#bytes -= this.#members.get(key)?.bytes ?? 0;
    this.#members.delete(key);
    if (value === undefined) return;
    const bytes = memberBytes(key, value) + 1;
    this.#members.set(key, { value, bytes });
    this.#bytes += bytes;
  }

  toJson(): JsonObject {
    return objectOf([...this.#members].map(([key, { value }]) => [key, value]));
  }

  text(): string {
    return canonicalJson(this.toJson());
  }
}

/** Reduces one member by what the draft has too much, down to nothing. */
export function fitMember(draft: ClampDraft, key: string): void {
  const value = draft.get(key);
  if (value === undefined) return;
  draft.set(key, fitValue(value, jsonBytes(value) - draft.excess));
}

function withAttributes(event: JsonObject, attributes: JsonValue | undefined): JsonObject {
  const members = Object.entries(event).filter(([key]) => key !== 'attributes');
  if (attributes !== undefined) members.push(['attributes', attributes]);
  return objectOf(members);
}

const isException = (event: JsonValue | undefined): boolean =>
  isJsonObject(event) && event['name'] === 'exception';

/** Reduces the attributes of span events: the last first, those of exceptions at the very end. */
export function fitEventAttributes(draft: ClampDraft): void {
  const events = draft.get('events');
  if (!isJsonArray(events)) return;
  const reduced = [...events];
  const last = events.map((_, index) => index).toReversed();
  const order = [
    ...last.filter((index) => !isException(events[index])),
    ...last.filter((index) => isException(events[index])),
  ];
  let { excess } = draft;
  for (const index of order) {
    const event = events[index];
    const attributes = isJsonObject(event) ? event['attributes'] : undefined;
    if (!isJsonObject(event) || attributes === undefined) continue;
    if (excess <= 0) break;
    const bytes = jsonBytes(attributes);
    const fitting = fitValue(attributes, bytes - excess);
    excess -= bytes - (fitting === undefined ? 0 : jsonBytes(fitting));
    reduced[index] = withAttributes(event, fitting);
  }
  draft.set('events', reduced);
}

const CLAMP_TEXTS_QUOTES = 2;
const MIN_STACK_BYTES = 256;

const textBytes = (text: string): number => jsonBytes(text) - CLAMP_TEXTS_QUOTES;

/**
 * The highest level to which all longer texts can be cut and still save `excess` bytes; so
 * that the longest go first and none goes further than it must.
 */
function levelOf(sizes: readonly number[], excess: number, floor: number): number {
  const descending = sizes.toSorted((left, right) => right - left);
  let sum = 0;
  for (const [index, size] of descending.entries()) {
    sum += size;
    const level = Math.floor((sum - excess) / (index + 1));
    if (level >= (descending[index + 1] ?? 0)) return Math.max(level, floor);
  }
  return floor;
}

interface TextRule {
  readonly applies: (key: string) => boolean;
  readonly floor: number;
  readonly cut: (text: string, maxBytes: number) => string;
}

function cutTexts(draft: ClampDraft, { applies, floor, cut }: TextRule): void {
  const keys = draft.keys().filter((key) => key !== 'truncated');
  const sizes: number[] = [];
  const measure = (text: string, key: string): void => {
    if (applies(key) && text.length * 6 > floor) sizes.push(textBytes(text));
  };
  for (const key of keys) visitTexts(draft.get(key) ?? null, key, measure);
  if (sizes.every((size) => size <= floor)) return;

  const level = levelOf(sizes, draft.excess, floor);
  const replace = (text: string, key: string): string =>
    applies(key) && text.length * 6 > level && textBytes(text) > level ? cut(text, level) : text;
  for (const key of keys) draft.set(key, mapTexts(draft.get(key) ?? null, key, replace));
}

/** Cuts frames off stack traces, the longest first. */
export function cutStacks(draft: ClampDraft): void {
  cutTexts(draft, {
    applies: (key) => key === 'stack' || key.endsWith('exception.stacktrace'),
    floor: MIN_STACK_BYTES,
    cut: cutStack,
  });
}

/** Cuts the longest texts, whatever they are. */
export function cutLongestTexts(draft: ClampDraft): void {
  cutTexts(draft, { applies: () => true, floor: MIN_CUT_BYTES, cut: cutMarked });
}

/** What the clamp needs from outside. */
export interface ClampDeps {
  /** SHA-256 of the UTF-8 bytes of a text, as lower-case hex. */
  readonly sha256Hex: (text: string) => string;
  /** The longest payload text in UTF-8 bytes; at least 512. */
  readonly maxBytes: number;
}

type Reduction = (draft: ClampDraft) => void;

const member =
  (key: string): Reduction =>
  (draft) => {
    fitMember(draft, key);
  };

/** From what can be spared to what is the evidence itself. What is not named here stays. */
const RECORD_REDUCTIONS: readonly Reduction[] = [
  cutStacks,
  fitEventAttributes,
  member('links'),
  member('resource'),
  cutLongestTexts,
  member('attributes'),
  member('events'),
  member('scope'),
  member('trace_state'),
  member('body'),
];

const DIRECT_REDUCTIONS: readonly Reduction[] = [cutStacks, cutLongestTexts];

function isRecord(payload: JsonObject): boolean {
  return payload['signal'] === 'span' || payload['signal'] === 'log';
}

function reduced(payload: JsonObject, marker: JsonObject, maxBytes: number): string {
  const draft = new ClampDraft(payload, maxBytes);
  draft.set('truncated', marker);
  for (const reduce of isRecord(payload) ? RECORD_REDUCTIONS : DIRECT_REDUCTIONS) {
    if (draft.excess <= 0) break;
    reduce(draft);
  }
  if (draft.excess <= 0) return draft.text();

  draft.set('truncated', undefined);
  const room = maxBytes - jsonBytes({ truncated: marker });
  const rest = fitValue(draft.toJson(), room);
  const members = isJsonObject(rest) ? Object.entries(rest) : [];
  return canonicalJson(objectOf([...members, ['truncated', marker]]));
}

function cutWhole(payload: JsonValue, full: string, room: number): string {
  const text = typeof payload === 'string' ? payload : full;
  return cutMarked(text, Math.max(room, MIN_CUT_BYTES));
}

/**
 * Writes a payload as canonical JSON of at most `maxBytes`; always valid JSON.
 *
 * A payload that is too long is reduced in a fixed order, each step only as far as needed:
 * frames of stack traces, attributes of span events, links, resource, the longest texts, and
 * at last attributes by size. What names the record (its name, ids, times, kind, status and
 * severity) stays. `"truncated":{"bytes":…,"digest":"…"}` then gives size and SHA-256 of the
 * full payload; a payload of another shape than an object moves under `value`, and so does
 * one with a `truncated` of its own.
 */
export function clampPayload(payload: JsonValue, { sha256Hex, maxBytes }: ClampDeps): string {
  const full = canonicalJson(payload);
  const bytes = utf8Length(full);
  if (bytes <= maxBytes) return full;
  const marker: JsonObject = { bytes, digest: sha256Hex(full) };
  if (!isJsonObject(payload)) {
    const room = maxBytes - jsonBytes({ truncated: marker, value: '' });
    return canonicalJson({ truncated: marker, value: cutWhole(payload, full, room) });
  }
  const isMarked = Object.hasOwn(payload, 'truncated');
  return reduced(isMarked ? { value: payload } : payload, marker, maxBytes);
}
