import type { Signal } from '../record/event.ts';
import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { isJsonArray, isJsonObject } from '../record/json.ts';
import { CLAMP_TEXTS, PAYLOAD } from '../record/schema.ts';
import { cutJson, utf8Length } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';

/** How a payload is clamped. */
export interface ClampOptions {
  /** SHA-256 of the UTF-8 bytes of a text, as lower-case hex. */
  readonly sha256Hex: (text: string) => string;
  /** The longest payload text in UTF-8 bytes; at least 512. */
  readonly maxBytes: number;
}

/**
 * Writes a payload as canonical JSON of at most `maxBytes`; always valid JSON.
 *
 * A payload that is too long is reduced in the order of `record/schema`, each step only as far as
 * needed: frames of stack traces, attributes of span events, links, resource, the longest texts,
 * and at last attributes by size. What names the record (its name, ids, times, kind, status and
 * severity) stays. What can never fit goes before all that, and where the last step had to take more
 * than needed, the steps before it give their room back. `"truncated":{"bytes":…,"digest":"…"}` then
 * gives size and SHA-256 of the full payload; a payload of another shape than an object moves under
 * `value`, and so does one with a `truncated` of its own.
 */
export function clampPayload(payload: JsonValue, { sha256Hex, maxBytes }: ClampOptions): string {
  const full = canonicalJson(payload);
  const bytes = utf8Length(full);
  if (bytes <= maxBytes) return full;
  const marker: JsonObject = { bytes, digest: sha256Hex(full) };
  const isOwn = isJsonObject(payload) && !Object.hasOwn(payload, 'truncated');
  return filled(isOwn ? payload : { value: payload }, marker, maxBytes);
}

/** Reductions of one payload at most, and bytes of room for which another is not worth its time. */
const MAX_PASSES = 4;
const NEARLY_FULL = 0.03;

/** The fullest of a few reductions: each leaves out at once what the one before had to leave out last. */
function filled(payload: JsonObject, marker: JsonObject, maxBytes: number): string {
  const room = maxBytes - jsonBytes({ truncated: marker });
  let given = withoutImpossible(payload, room);
  let best: JsonObject = {};
  let most = -1;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const { before, after } = reduced(given, marker, maxBytes);
    const bytes = jsonBytes(after);
    if (bytes > most) {
      best = after;
      most = bytes;
    }
    if (bytes >= maxBytes * (1 - NEARLY_FULL)) break;
    const fewer = withoutDropped(given, before, after);
    if (jsonBytes(fewer) === jsonBytes(given)) break;
    given = fewer;
  }
  return canonicalJson(best);
}

/** A payload that was reduced, and as it was before the last step. */
interface Reduced {
  readonly before: JsonObject;
  readonly after: JsonObject;
}

function reduced(payload: JsonObject, marker: JsonObject, maxBytes: number): Reduced {
  const draft = new ClampDraft(payload, maxBytes);
  draft.set('truncated', marker);
  const { signal } = payload;
  const isRecord = signal === 'span' || signal === 'log';
  let before = payload;
  for (const reduce of REDUCTIONS[isRecord ? signal : 'direct']) {
    if (draft.excess <= 0) break;
    before = draft.toJson();
    reduce(draft);
  }
  if (draft.excess <= 0) return { before, after: draft.toJson() };

  draft.set('truncated', undefined);
  before = draft.toJson();
  const fitting = fitValue(before, maxBytes - jsonBytes({ truncated: marker }));
  const members = isJsonObject(fitting) ? Object.entries(fitting) : [];
  return { before, after: objectOf([...members, ['truncated', marker]]) };
}

/** Without the members whose key alone is too long, at any depth; the same where there are none. */
function withoutImpossible<T extends JsonValue>(value: T, room: number): T;
function withoutImpossible(value: JsonValue, room: number): JsonValue {
  if (isJsonArray(value)) {
    const items = value.map((item) => withoutImpossible(item, room));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isJsonObject(value)) return value;
  const given = Object.entries(value);
  const members: (readonly [string, JsonValue])[] = [];
  let changed = false;
  for (const [key, member] of given) {
    const isImpossible = key.length * MOST_ESCAPED > room && memberBytes(key, null) > room;
    const kept = isImpossible ? undefined : withoutImpossible(member, room);
    if (kept !== undefined) members.push([key, kept]);
    changed ||= kept !== member;
  }
  return changed ? objectOf(members) : value;
}

/** Without what one step took away whole: members of objects, ends of arrays. */
function withoutDropped<T extends JsonValue>(given: T, before: JsonValue, after: JsonValue): T;
function withoutDropped(given: JsonValue, before: JsonValue, after: JsonValue): JsonValue {
  if (before === after) return given;
  if (isJsonArray(given) && isJsonArray(before) && isJsonArray(after)) {
    const kept = before.length > after.length ? given.slice(0, after.length) : given;
    // What an earlier step took may come back.
    return kept.map(
      (item, index) => rest(item, before[index], after[index] ?? before[index]) ?? item,
    );
  }
  if (!isJsonObject(given) || !isJsonObject(before) || !isJsonObject(after)) return given;
  const members: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(given)) {
    const kept = rest(member, memberOf(before, key), memberOf(after, key));
    if (kept !== undefined) members.push([key, kept]);
  }
  return objectOf(members);
}

/** What a step left of one value, given whole; `undefined` for what it took. */
function rest(
  given: JsonValue,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): JsonValue | undefined {
  if (before === undefined) return given;
  return after === undefined ? undefined : withoutDropped(given, before, after);
}

function memberOf(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

type Reduction = (draft: ClampDraft) => void;

/** The steps for each payload, in their order. */
const REDUCTIONS: Readonly<Record<Signal, readonly Reduction[]>> = {
  span: reductionsOf('span'),
  log: reductionsOf('log'),
  direct: reductionsOf('direct'),
};

function reductionsOf(signal: Signal): readonly Reduction[] {
  const turns: [number | undefined, Reduction][] = [
    [CLAMP_TEXTS.stacks, cutStacks],
    [CLAMP_TEXTS.longest, cutLongestTexts],
  ];
  for (const [name, { clamp, redact, fields = {} }] of Object.entries(
    PAYLOAD[signal].fields ?? {},
  )) {
    turns.push([clamp, (draft) => fitMember(draft, name)]);
    if (redact !== 'list') continue;
    for (const [inner, field] of Object.entries(fields)) {
      turns.push([field.clamp, (draft) => fitMemberOfItems(draft, name, inner)]);
    }
  }
  return turns
    .filter(([turn]) => turn !== undefined)
    .sort(([one = 0], [other = 0]) => one - other)
    .map(([, reduce]) => reduce);
}

/** A payload while it is being reduced; it knows its size without being written again. */
class ClampDraft {
  readonly #members = new Map<string, { readonly value: JsonValue; readonly bytes: number }>();
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
    const bytes = memberBytes(key, value);
    this.#members.set(key, { value, bytes });
    this.#bytes += bytes;
  }

  toJson(): JsonObject {
    return objectOf([...this.#members].map(([key, { value }]) => [key, value]));
  }
}

/** Reduces one member by what the draft has too much, down to nothing. */
function fitMember(draft: ClampDraft, key: string): void {
  const value = draft.get(key);
  if (value === undefined) return;
  draft.set(key, fitValue(value, jsonBytes(value) - draft.excess));
}

/** Reduces one member of each item of a list: the last first, those of exceptions at the very end. */
function fitMemberOfItems(draft: ClampDraft, key: string, inner: string): void {
  const items = draft.get(key);
  if (!isJsonArray(items)) return;
  const reduced = [...items];
  const last = items.map((_, index) => index).toReversed();
  const order = [
    ...last.filter((index) => !isException(items[index])),
    ...last.filter((index) => isException(items[index])),
  ];
  let { excess } = draft;
  for (const index of order) {
    const item = items[index];
    const value = isJsonObject(item) ? item[inner] : undefined;
    if (!isJsonObject(item) || value === undefined) continue;
    if (excess <= 0) break;
    const bytes = jsonBytes(value);
    const fitting = fitValue(value, bytes - excess);
    excess -= bytes - (fitting === undefined ? 0 : jsonBytes(fitting));
    const members = Object.entries(item).filter(([name]) => name !== inner);
    if (fitting !== undefined) members.push([inner, fitting]);
    reduced[index] = objectOf(members);
  }
  draft.set(key, reduced);
}

function isException(item: JsonValue | undefined): boolean {
  return isJsonObject(item) && item['name'] === 'exception';
}

/** Below this many bytes a cut text says less than its marker. */
const MIN_CUT_BYTES = 96;
const MIN_STACK_BYTES = 256;

/** Cuts frames off stack traces, the longest first. */
function cutStacks(draft: ClampDraft): void {
  cutTexts(draft, {
    applies: (key) => key === 'stack' || key.endsWith('exception.stacktrace'),
    floor: MIN_STACK_BYTES,
    cut: cutStack,
  });
}

/** Cuts the longest texts, whatever they are. */
function cutLongestTexts(draft: ClampDraft): void {
  cutTexts(draft, { applies: () => true, floor: MIN_CUT_BYTES, cut: cutMarked });
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
    if (applies(key) && text.length * MOST_ESCAPED > floor) sizes.push(textBytes(text));
  };
  for (const key of keys) visitTexts(draft.get(key) ?? null, key, measure);
  if (sizes.every((size) => size <= floor)) return;

  const level = levelOf(sizes, draft.excess, floor);
  const isLong = (text: string): boolean =>
    text.length * MOST_ESCAPED > level && textBytes(text) > level;
  const replace = (text: string, key: string): string =>
    applies(key) && isLong(text) ? cut(text, level) : text;
  for (const key of keys) draft.set(key, mapTexts(draft.get(key) ?? null, key, replace));
}

/** Bytes that a unit takes between JSON's quotes at most; a text that is short needs no counting. */
const MOST_ESCAPED = 6;

function textBytes(text: string): number {
  return jsonBytes(text) - QUOTES;
}

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

/** Calls a function for each text of a tree, with the key under which it stands. */
function visitTexts(
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
function mapTexts(
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

/**
 * Cuts a text so that it takes at most that many bytes between JSON's quotes, with a marker
 * that says how much went. The limit is at least {@link MIN_CUT_BYTES}.
 */
function cutMarked(text: string, maxBytes: number): string {
  const mark = (characters: number): string => `… [+${String(characters)} characters]`;
  const kept = cutJson(text, maxBytes - utf8Length(mark(text.length)));
  return `${kept}${mark(text.length - kept.length)}`;
}

/**
 * Cuts a stack trace so that it takes at most that many bytes between JSON's quotes: its
 * first line says what happened, its first frames where; a marker counts the lines that went.
 */
function cutStack(text: string, maxBytes: number): string {
  const mark = (count: number): string => `    … ${String(count)} more lines`;
  const lines = text.split('\n');
  let room = maxBytes - utf8Length(mark(lines.length)) - LINE_BREAK;
  const kept: string[] = [];
  for (const line of lines) {
    // `cutJson` gives the line back whole when it fits, in time bounded by the room.
    const isWhole = room >= 0 && cutJson(line, room) === line;
    if (!isWhole && room < MIN_STACK_BYTES) break;
    kept.push(isWhole ? line : cutMarked(line, room - LINE_BREAK));
    if (!isWhole) break;
    room -= utf8Length(JSON.stringify(line));
  }
  if (kept.length === 0) return cutMarked(text, maxBytes);
  return `${kept.join('\n')}\n${mark(lines.length - kept.length)}`;
}

const QUOTES = 2;
/** Between the quotes. */
const LINE_BREAK = 2;
const BRACKETS = 2;
const COMMA = 1;
// With less room an item would lose what it is about, such as the ids of a link.
const MIN_PART_BYTES = 256;

/**
 * Reduces a value to a number of bytes of canonical JSON: long texts are cut, arrays lose
 * their end, objects their largest members. Nothing is changed that fits.
 *
 * @returns `undefined` when nothing worth keeping fits.
 */
function fitValue(value: JsonValue, maxBytes: number): JsonValue | undefined {
  if (maxBytes < BRACKETS) return undefined;
  if (jsonBytes(value) <= maxBytes) return value;
  if (typeof value === 'string') {
    const room = maxBytes - QUOTES;
    return room < MIN_CUT_BYTES ? undefined : cutMarked(value, room);
  }
  if (isJsonArray(value)) return unlessEmpty(fitArray(value, maxBytes));
  return isJsonObject(value) ? unlessEmpty(fitObject(value, maxBytes)) : undefined;
}

function unlessEmpty(value: JsonArray | JsonObject): JsonValue | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
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

/** Keeps the smallest members; those that are too long are reduced to the room left, where they can be. */
function fitObject(object: JsonObject, maxBytes: number): JsonObject {
  // Of two alike the one that sorts first, so that the result is fixed.
  const members = Object.entries(object)
    .map(([key, value]) => ({ key, value, bytes: memberBytes(key, value) }))
    .sort((left, right) => left.bytes - right.bytes || (left.key < right.key ? -1 : 1));
  const kept: [string, JsonValue][] = [];
  let room = maxBytes - BRACKETS;
  for (const { key, value, bytes } of members) {
    const rest = room - (bytes - jsonBytes(value));
    const fitting = bytes <= room ? value : fitValue(value, rest);
    if (fitting === undefined) continue;
    kept.push([key, fitting]);
    room -= memberBytes(key, fitting);
  }
  return objectOf(kept);
}

/** Bytes that a value takes as canonical JSON. */
function jsonBytes(value: JsonValue): number {
  return utf8Length(canonicalJson(value));
}

/** Bytes that a member takes in an object, with the comma. */
function memberBytes(key: string, value: JsonValue): number {
  return jsonBytes(key) + 1 + jsonBytes(value) + COMMA;
}

/** Makes an object; also a key like `__proto__` becomes a property of its own. */
function objectOf(members: Iterable<readonly [string, JsonValue]>): JsonObject {
  return Object.fromEntries(members);
}
