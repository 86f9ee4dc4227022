/** Objects of the language that hold their value in an internal slot instead of in properties. */
export type Exotic =
  | { readonly kind: 'scalar'; readonly value: unknown }
  | { readonly kind: 'list'; readonly values: Iterable<unknown> }
  | { readonly kind: 'entries'; readonly entries: Iterable<readonly [unknown, unknown]> }
  | { readonly kind: 'error'; readonly error: object };

const tagOf = (value: object): string => Object.prototype.toString.call(value);

/** Whether a view answers with numbers: a property of its own may hide the intrinsic getter. */
function isSpan(offset: unknown, length: unknown): boolean {
  return typeof offset === 'number' && typeof length === 'number';
}

function bytesText({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  if (!isSpan(byteOffset, byteLength)) throw new TypeError('a forged view');
  // The constructor of DataView refuses what is no buffer; `Buffer.from` would call its methods.
  const bytes = new DataView(buffer, byteOffset, byteLength);
  return Buffer.from(bytes.buffer, byteOffset, byteLength).toString('base64');
}

function dateText(value: object): string {
  // Reads a moment that was handed in; no clock is asked.
  // oxlint-disable-next-line no-restricted-globals
  const { prototype } = Date;
  const ms = prototype.getTime.call(value);
  return Number.isNaN(ms) ? 'Invalid Date' : prototype.toISOString.call(value);
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

/**
 * Reads an object that keeps its value in an internal slot; `undefined` for an ordinary
 * object, also for one that only claims to be a `Date` or a `Map`.
 *
 * @throws whatever a Proxy trap or a getter of the object throws.
 */
export function readExotic(value: object): Exotic | undefined {
  if (ArrayBuffer.isView(value)) return { kind: 'scalar', value: bytesText(value) };
  const tag = tagOf(value);
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
