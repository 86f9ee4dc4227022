import type { JsonObjectDraft, JsonValue } from './json.ts';
import { bareObject, isJsonObject, wellFormed } from './json.ts';

const MAX_DEPTH = 64;
const MAX_NODES = 20_000;
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
 *
 * The forms of NaN, infinities, bytes and nested values are those of OpenTelemetry
 * ("AnyValue representation for non-OTLP protocols", common/README.md).
 */
export class ValueCopier {
  #nodesLeft = MAX_NODES;
  readonly #ancestors: object[] = [];

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
    const exotic = readExotic(value);
    if (exotic === undefined) return this.#object(value);
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
    this.#property(copy, 'cause', error);
    return copy;
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
function readExotic(value: object): Exotic | undefined {
  if (ArrayBuffer.isView(value)) return { kind: 'scalar', value: bytesText(value) };
  const tag = Object.prototype.toString.call(value);
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
};

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
