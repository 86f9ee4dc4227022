import type { JsonObject, JsonValue } from '../record/json.ts';
import { isJsonArray, isJsonObject } from '../record/json.ts';
import { detect } from '../redact/detectors/detect.ts';
import type { DataClass } from '../redact/detectors/detector.ts';
import { DATA_CLASSES } from '../redact/detectors/detector.ts';
import type { Decision } from '../redact/rules.ts';

/** One value before and after redaction, and where it stands. */
export interface ValuePair {
  /** The path as it may be shown: personal data in names is replaced; `[]` is any item. */
  readonly path: string;
  /** The dotted name that rules are about. */
  readonly name: string;
  readonly before: JsonValue;
  /** `undefined` when nothing of it is left. */
  readonly after: JsonValue | undefined;
  /** The key before and after, of an entry of an object. */
  readonly keys: readonly [before: string, after: string] | undefined;
}

/** How the walk knows names. */
export interface NameReader {
  /** A name as it may be shown. */
  readonly show: (name: string) => string;
  /** Shown paths of objects whose keys are names of their own, such as `attributes`. */
  readonly roots: ReadonlySet<string>;
}

/** Puts side by side every entry and item of two trees of which one is the other, redacted. */
export function* pairTrees(pair: ValuePair, reader: NameReader): Generator<ValuePair> {
  yield pair;
  const { before, after } = pair;
  if (isJsonObject(before) && isJsonObject(after)) {
    const isPersonal = (key: string): boolean => reader.show(key) !== key;
    for (const [key, newKey] of pairKeys(before, after, isPersonal)) {
      const child = {
        ...placeOf(key, pair, reader),
        before: before[key] ?? null,
        after: newKey === undefined ? undefined : after[newKey],
        keys: newKey === undefined ? undefined : ([key, newKey] as const),
      };
      yield* pairTrees(child, reader);
    }
  } else if (isJsonArray(before) && after !== undefined && isJsonArray(after)) {
    const place = { path: `${pair.path}[]`, name: pair.name, keys: undefined };
    for (const [index, item] of before.entries()) {
      yield* pairTrees({ ...place, before: item, after: after[index] }, reader);
    }
  }
}

type Place = Pick<ValuePair, 'path' | 'name'>;

function placeOf(key: string, parent: Place, { show, roots }: NameReader): Place {
  const shown = show(key);
  const path = parent.path === '' ? shown : `${parent.path}.${shown}`;
  if (roots.has(path)) return { path, name: '' };
  return { path, name: parent.name === '' ? key : `${parent.name}.${key}` };
}

/** A key before redaction, and the key its value has after it; `undefined` when it is gone. */
type KeyPair = readonly [before: string, after: string | undefined];

/**
 * Says what became of each key of an object. A key stays, gets `_hash` at its end, or, when it is
 * personal itself, is another key that stands in the same order.
 */
function pairKeys(
  before: JsonObject,
  after: JsonObject,
  isPersonal: (key: string) => boolean,
): readonly KeyPair[] {
  const added = new Set(Object.keys(after).filter((key) => !Object.hasOwn(before, key)));
  const take = (key: string | undefined): string | undefined => {
    if (key !== undefined) added.delete(key);
    return key;
  };
  const keys = Object.keys(before);
  const bySuffix = new Map(
    keys
      .map((key) => [key, `${key}_hash`] as const)
      .filter(([key, name]) => !Object.hasOwn(after, key) && added.has(name)),
  );
  for (const name of bySuffix.values()) added.delete(name);
  return keys.map((key) => {
    if (Object.hasOwn(after, key)) return [key, key];
    const suffixed = bySuffix.get(key);
    if (suffixed !== undefined) return [key, suffixed];
    return [key, isPersonal(key) ? take(added.values().next().value) : undefined];
  });
}

/** Something redaction did to a value. */
export interface Change {
  readonly path: string;
  readonly action: FoundMark['action'] | 'drop' | 'truncate' | 'rewrite';
  readonly class: string;
}

/** What redaction did to one value, and to the key above it; not to what is inside it. */
export function changesOf(pair: ValuePair, decide: (name: string) => Decision): readonly Change[] {
  const { path, name, before, after, keys } = pair;
  const effects: Effect[] = keys === undefined ? [] : [...newMarks(...keys)];
  if (after === undefined) effects.push({ action: 'drop', class: decide(name).class });
  else if (typeof after === 'string' && after !== before) {
    effects.push(...effectsOnText(before, after, decide(name)));
  }
  return effects.map((effect) => ({ path, ...effect }));
}

type Effect = Omit<Change, 'path'>;

/** The marks in `after` that were not there before. */
function newMarks(before: string, after: string): readonly FoundMark[] {
  const known = marksIn(before);
  const old = known.map((mark) => `${mark.action} ${mark.class}`);
  return marksIn(after).filter((mark) => {
    const at = old.indexOf(`${mark.action} ${mark.class}`);
    if (at !== -1) old.splice(at, 1);
    return at === -1;
  });
}

function effectsOnText(before: JsonValue, after: string, decision: Decision): readonly Effect[] {
  if (isDigest(after)) return [{ action: 'hash', class: decision.class }];
  const marks = newMarks(typeof before === 'string' ? before : '', after);
  if (marks.length > 0) return marks;
  const action = decision.action === 'truncate' ? 'truncate' : 'rewrite';
  return [{ action, class: decision.class }];
}

/**
 * The classes of data that a value and its key still look like after redaction. It asks more than
 * redaction does: every text counts as free text, and large numbers count as text.
 */
export function leftoversOf(
  pair: ValuePair,
  builtIn: (name: string) => Decision,
): ReadonlySet<DataClass> {
  const { name, after, keys } = pair;
  if (after === undefined) return new Set();
  const classes = new Set([...foundInValue(after), ...foundByName(pair, builtIn)]);
  if (isOfMachine(builtIn(name))) classes.delete('ip');
  for (const dataClass of found(keys?.[1] ?? '')) classes.add(dataClass);
  return classes;
}

/** The shortest number that the detectors can tell from any other: a CPF has 11 digits. */
const SHORTEST_NUMBER = 10_000_000_000;

function found(text: string): readonly DataClass[] {
  const readable = withoutDigests(text);
  return detect(readable, 'text')
    .filter(({ start, end }) => !isOnlyMarks(readable.slice(start, end)))
    .map((detection) => detection.class);
}

function foundInValue(value: JsonValue | undefined): readonly DataClass[] {
  if (typeof value === 'number') return value < SHORTEST_NUMBER ? [] : found(String(value));
  return typeof value === 'string' && !isDigest(value) ? found(value) : [];
}

/** The built-in rules leave these alone because they are about the machine, not about people. */
function isOfMachine({ action, order }: Decision): boolean {
  return action === 'scan' && Number.isFinite(order);
}

/** A value that redaction left as it was, although it is more than a flag or a count. */
function isRaw({ before, after }: ValuePair, { stringsOnly }: Decision): boolean {
  if (before !== after) return false;
  if (typeof after === 'number') return !stringsOnly;
  return typeof after === 'string' && !isDigest(after) && !isOnlyMarks(after);
}

/** The class that the name of a value stands for, where the value is still there. */
function foundByName(pair: ValuePair, builtIn: (name: string) => Decision): readonly DataClass[] {
  const whole = builtIn(pair.name);
  if (whole.action === 'hash') return isRaw(pair, whole) ? [whole.class] : [];
  // A header is masked for being a header; to keep one is a choice, unless its own name warns.
  const own = builtIn(pair.name.slice(pair.name.lastIndexOf('.') + 1));
  const isSensitive = own.action === 'mask' || own.action === 'hash';
  return isSensitive && isRaw(pair, own) ? [own.class] : [];
}

/** A mark that redaction left in a text. */
interface FoundMark {
  readonly action: 'hash' | 'mask' | 'cut' | 'error';
  /** The class of data, or `query` for the value of a query parameter. */
  readonly class: string;
}

const DIGEST = '(?: |%20)(?:sha256|hmac-sha256:[A-Za-z0-9_-]{1,32}):[0-9a-f]{32}';
const NAMES = [...DATA_CLASSES, 'masked', 'query'].join('|');
const MARK = new RegExp(
  `\\[(?:(?<name>${NAMES})(?<digest>${DIGEST})?|(?<error>REDACTION_ERROR)|(?:\\+\\d+ characters|the rest of the record is) not kept)\\]`,
  'g',
);

const WHOLE_DIGEST = /^(?:sha256:|hmac-sha256:[A-Za-z0-9_-]{1,32}:)?[0-9a-f]{64}$/;

/** Whether a value is a digest and nothing else. */
function isDigest(text: string): boolean {
  return WHOLE_DIGEST.test(text);
}

/** The marks in a text, in order. */
function marksIn(text: string): readonly FoundMark[] {
  return Array.from(text.matchAll(MARK), ({ groups }) => {
    if (groups?.['error'] !== undefined) return { action: 'error', class: 'text' };
    const name = groups?.['name'];
    if (name === undefined) return { action: 'cut', class: 'text' };
    const action = groups?.['digest'] === undefined ? 'mask' : 'hash';
    return { action, class: name === 'masked' ? 'text' : name };
  });
}

/** The text without the digests in its marks: no detector shall take their digits for data. */
export function withoutDigests(text: string): string {
  return text.replace(MARK, (mark: string, name: string | undefined) =>
    name === undefined ? mark : `[${name}]`,
  );
}

/** Whether a text holds marks and signs, but no letter or digit besides. */
function isOnlyMarks(text: string): boolean {
  return !/[\p{L}\p{N}]/u.test(text.replace(MARK, ''));
}
