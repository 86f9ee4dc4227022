import type { JsonObjectDraft, JsonValue } from './json.ts';
import { bareObject, isJsonArray, isJsonObject, wellFormed } from './json.ts';

const MAX_DEPTH = 64;
const MAX_NODES = 20_000;
/** Values in the own fields of one error: those of HTTP clients hang half a program on them. */
const MAX_ERROR_NODES = 256;
/** Members of one AggregateError. */
const MAX_ERRORS = 32;
const MAX_CLASS_NAME = 64;
// Printing a BigInt takes more than linear time, so its size needs a bound of its own.
const MAX_BIGINT = 1n << 4096n;
const UNREADABLE = '[Unreadable]';

/**
 * Copies values that a program handed in into JSON values of our own.
 *
 * - It never throws and reads each property at most once; what cannot be read becomes
 *   `[Unreadable]`, and only that.
 * - It calls no method of the values, `toJSON` included.
 * - Nothing of the result is shared with the input.
 * - Its work is bounded: depth 64, 20,000 values for all calls on one copier together.
 * - `undefined` is left out of objects and is `null` in arrays.
 * - An error keeps what names the fault: type, message, stack, cause, members, its own fields.
 * - An instance of a class that shows nothing becomes a marker with the name of the class.
 *
 * The forms of NaN, infinities, bytes and nested values are those of OpenTelemetry
 * ("AnyValue representation for non-OTLP protocols", common/README.md).
 */
export class ValueCopier {
  #nodesLeft = MAX_NODES;
  readonly #ancestors: object[] = [];
  #isInError = false;

  /** Copies any value; `null` for `undefined`. */
  value(value: unknown): JsonValue {
    this.#nodesLeft -= 1;
    switch (typeof value) {
      case 'string':
        return wellFormed(value);
      case 'number':
        return numberValue(value);
      case 'boolean':
        return value;
      case 'bigint':
        return value < MAX_BIGINT && value > -MAX_BIGINT ? String(value) : '[MaxSize]';
      case 'function':
        return '[Function]';
      case 'symbol':
        return '[Symbol]';
      case 'undefined':
        return null;
      case 'object':
        return value === null ? null : this.#container(value);
    }
  }

  /** Copies a text; `undefined` for an empty one and for what is none. */
  text(value: unknown): string | undefined {
    if (typeof value !== 'string' || value === '') return undefined;
    this.#nodesLeft -= 1;
    return wellFormed(value);
  }

  /** Copies an attribute object; anything that is none gives an empty object. */
  attributes(attributes: unknown): JsonObjectDraft {
    if (typeof attributes !== 'object' || attributes === null) return bareObject();
    const copy = this.#container(attributes);
    return isDraft(copy) ? copy : bareObject();
  }

  #container(value: object): JsonValue {
    if (this.#ancestors.length >= MAX_DEPTH) return '[MaxDepth]';
    if (this.#ancestors.includes(value)) return '[Circular]';
    this.#ancestors.push(value);
    try {
      return this.#members(value);
    } catch {
      return UNREADABLE;
    } finally {
      this.#ancestors.pop();
    }
  }

  #members(value: object): JsonValue {
    if (Array.isArray(value)) return this.#array(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#object(value);
    const tag = Object.prototype.toString.call(value);
    const exotic = readExotic(value, tag);
    if (exotic === undefined) return this.#instance(value, tag);
    switch (exotic.kind) {
      case 'scalar':
        return this.value(exotic.value);
      case 'list':
        return this.#list(exotic.values);
      case 'entries':
        return this.#entries(exotic.entries);
      case 'error':
        return this.#error(exotic.error);
    }
  }

  #instance(value: object, tag: string): JsonValue {
    // Sockets, requests and servers say nothing about the fault, and hold what others sent.
    const isEmitter = this.#isInError && Object.hasOwn(value, '_events');
    if (!isEmitter && Object.keys(value).length > 0) return this.#object(value);
    return classMarker(value, tag) ?? bareObject();
  }

  #object(source: object): JsonValue {
    const copy = bareObject();
    for (const key of Object.keys(source)) {
      if (this.#nodesLeft <= 0) {
        copy[wellFormed(key)] = '[MaxSize]';
        break;
      }
      this.#property(copy, key, source);
    }
    return copy;
  }

  #property(copy: JsonObjectDraft, key: string, source: object): void {
    const value = read(source, key);
    if (value !== undefined) copy[wellFormed(key)] = this.value(value);
  }

  #array(source: readonly unknown[]): JsonValue {
    const copy: JsonValue[] = [];
    // A Proxy may answer anything for the length of the array behind it.
    const length: unknown = Reflect.get(source, 'length');
    const end = typeof length === 'number' ? length : 0;
    for (let index = 0; index < end; index += 1) {
      if (this.#nodesLeft <= 0) {
        copy.push('[MaxSize]');
        break;
      }
      copy.push(this.value(read(source, index)));
    }
    return copy;
  }

  #list(values: Iterable<unknown>): JsonValue {
    const copy: JsonValue[] = [];
    for (const value of values) {
      if (this.#nodesLeft <= 0) {
        copy.push('[MaxSize]');
        break;
      }
      copy.push(this.value(value));
    }
    return copy;
  }

  #entries(entries: Iterable<readonly [unknown, unknown]>): JsonValue {
    const copy = bareObject();
    for (const [key, value] of entries) {
      if (this.#nodesLeft <= 0) {
        copy[mapKey(key)] = '[MaxSize]';
        break;
      }
      if (value !== undefined) copy[mapKey(key)] = this.value(value);
    }
    return copy;
  }

  #error(error: object): JsonValue {
    const copy = bareObject();
    const name = read(error, 'name');
    copy['type'] = typeof name === 'string' ? wellFormed(name) : 'Error';
    this.#property(copy, 'message', error);
    this.#property(copy, 'stack', error);
    this.#property(copy, 'code', error);
    this.#property(copy, 'cause', error);
    const members = read(error, 'errors');
    if (Array.isArray(members)) copy['errors'] = this.#errors(members);
    const isInError = this.#isInError;
    const spared = Math.max(0, this.#nodesLeft - MAX_ERROR_NODES);
    this.#isInError = true;
    this.#nodesLeft -= spared;
    for (const key of Object.keys(error)) {
      if (key === 'name' || key in copy) continue;
      if (this.#nodesLeft <= 0) break;
      this.#property(copy, key, error);
    }
    this.#nodesLeft += spared;
    this.#isInError = isInError;
    return copy;
  }

  #errors(members: readonly unknown[]): JsonValue {
    try {
      const copy = this.#array(members.slice(0, MAX_ERRORS));
      const more = members.length - MAX_ERRORS;
      return more > 0 && isJsonArray(copy) ? [...copy, `[+${more} errors]`] : copy;
    } catch {
      return UNREADABLE;
    }
  }
}

/** Copies any value into a JSON value of our own; see {@link ValueCopier} for the rules. */
export function toJsonValue(value: unknown): JsonValue {
  return new ValueCopier().value(value);
}

/** The object was made by the copier a moment ago and nobody else has it. */
function isDraft(copy: JsonValue): copy is JsonObjectDraft {
  return isJsonObject(copy);
}

function numberValue(value: number): JsonValue {
  if (Number.isFinite(value)) return value === 0 ? 0 : value;
  return String(value);
}

function mapKey(key: unknown): string {
  if (typeof key === 'string') return wellFormed(key);
  if (typeof key === 'object' && key !== null) return '[Object]';
  return typeof key === 'function' ? '[Function]' : wellFormed(String(key));
}

function read(source: object, key: string | number): unknown {
  try {
    const value: unknown = Reflect.get(source, key);
    return value;
  } catch {
    return UNREADABLE;
  }
}

/** Objects of the language that hold their value in an internal slot instead of in properties. */
type Exotic =
  | { readonly kind: 'scalar'; readonly value: unknown }
  | { readonly kind: 'list'; readonly values: Iterable<unknown> }
  | { readonly kind: 'entries'; readonly entries: Iterable<readonly [unknown, unknown]> }
  | { readonly kind: 'error'; readonly error: object };

/**
 * Reads an object that keeps its value in an internal slot; `undefined` for an ordinary
 * object, also for one that only claims to be a `Date` or a `Map`. It throws what a Proxy trap or a
 * getter of the object throws.
 */
function readExotic(value: object, tag: string): Exotic | undefined {
  if (ArrayBuffer.isView(value)) return { kind: 'scalar', value: bytesText(value) };
  if (tag === '[object Error]' || tag === '[object DOMException]' || value instanceof Error) {
    return { kind: 'error', error: value };
  }
  const reader = Object.hasOwn(READERS, tag) ? READERS[tag] : undefined;
  if (reader === undefined) return undefined;
  try {
    return reader(value);
  } catch {
    return undefined;
  }
}

/**
 * The reader for each built-in tag. A tag can be forged, so each reader goes through the
 * intrinsic method, which throws a `TypeError` when the slot is not there.
 */
const READERS: Readonly<Record<string, (value: object) => Exotic>> = {
  '[object Date]': (value) => ({ kind: 'scalar', value: dateText(value) }),
  '[object Number]': (value) => ({ kind: 'scalar', value: Number.prototype.valueOf.call(value) }),
  '[object String]': (value) => ({ kind: 'scalar', value: String.prototype.valueOf.call(value) }),
  '[object Boolean]': (value) => ({ kind: 'scalar', value: Boolean.prototype.valueOf.call(value) }),
  '[object BigInt]': (value) => ({ kind: 'scalar', value: BigInt.prototype.valueOf.call(value) }),
  '[object Symbol]': (value) => ({ kind: 'scalar', value: Symbol.prototype.valueOf.call(value) }),
  '[object Map]': (value) => ({ kind: 'entries', entries: Map.prototype.entries.call(value) }),
  '[object Set]': (value) => ({ kind: 'list', values: Set.prototype.values.call(value) }),
  '[object ArrayBuffer]': readBuffer,
  '[object SharedArrayBuffer]': readBuffer,
  '[object RegExp]': (value) => ({ kind: 'scalar', value: regExpText(value) }),
  '[object URL]': (value) => ({ kind: 'scalar', value: slot(URL, 'href', value) }),
  '[object URLSearchParams]': (value) => ({
    kind: 'scalar',
    value: URLSearchParams.prototype.toString.call(value),
  }),
  // Names decide how what stands under them is redacted, so that both are shown by their names.
  '[object Headers]': (value) => byName(Headers.prototype.entries.call(value)),
  '[object FormData]': (value) => byName(FormData.prototype.entries.call(value)),
};

function regExpText(value: object): string {
  return `/${slot(RegExp, 'source', value)}/${slot(RegExp, 'flags', value)}`;
}

/** What the getter of a built-in class says, which refuses what is no instance of it. */
function slot(owner: { readonly prototype: object }, name: string, value: object): string {
  return String(Reflect.get(owner.prototype, name, value));
}

/** What may have several values under one name: one alone, or the list of them. */
function byName(pairs: Iterable<readonly [string, unknown]>): Exotic {
  const members = new Map<string, unknown[]>();
  for (const [name, value] of pairs) {
    const known = members.get(name);
    if (known === undefined) members.set(name, [value]);
    else known.push(value);
  }
  const entries = [...members].map(
    ([name, values]) => [name, values.length === 1 ? values[0] : values] as const,
  );
  return { kind: 'entries', entries };
}

/** `[ClassName]`; `undefined` for an object of no class. */
function classMarker(value: object, tag: string): string | undefined {
  const tagged = tag.slice('[object '.length, -1);
  if (tagged !== 'Object') return `[${wellFormed(tagged.slice(0, MAX_CLASS_NAME))}]`;
  const owner: unknown = Reflect.get(value, 'constructor');
  const name: unknown = typeof owner === 'function' ? Reflect.get(owner, 'name') : undefined;
  if (typeof name !== 'string' || name === '' || name === 'Object') return undefined;
  return `[${wellFormed(name.slice(0, MAX_CLASS_NAME))}]`;
}

function readBuffer(value: object): Exotic {
  // A boundary: the constructor itself refuses everything that is not a buffer.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { kind: 'scalar', value: bytesText(new DataView(value as ArrayBuffer)) };
}

function bytesText({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  if (!isRange(byteOffset, byteLength)) throw new TypeError('a forged view');
  // The constructor of DataView refuses what is no buffer; `Buffer.from` would call its methods.
  const bytes = new DataView(buffer, byteOffset, byteLength);
  return Buffer.from(bytes.buffer, byteOffset, byteLength).toString('base64');
}

/** Whether a view answers with numbers: a property of its own may hide the intrinsic getter. */
function isRange(offset: unknown, length: unknown): boolean {
  return typeof offset === 'number' && typeof length === 'number';
}

function dateText(value: object): string {
  // Reads a moment that was handed in; no clock is asked.
  // oxlint-disable-next-line no-restricted-globals
  const { prototype } = Date;
  const ms = prototype.getTime.call(value);
  return Number.isNaN(ms) ? 'Invalid Date' : prototype.toISOString.call(value);
}
