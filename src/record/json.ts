/** A value that JSON can hold exactly; objects have no prototype, numbers are finite. */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;

/** A list of JSON values. */
export type JsonArray = readonly JsonValue[];

/** A JSON object; made with a null prototype, so that a key like `__proto__` is an ordinary key. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** A JSON object while it is being built. */
export interface JsonObjectDraft<Value extends JsonValue = JsonValue> {
  [key: string]: Value;
}

/** Whether a value is a list. */
export function isJsonArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

/** Whether a value is an object and not a list. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two lists of names are the same in the same order. */
export function isSameList(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) {
    if (some[index] !== others[index]) return false;
  }
  return true;
}

function Bare(): void {
  // Called with `new` only.
}
const nothing: unknown = Object.freeze(Object.create(null));
Bare.prototype = nothing;

// A boundary: the language lets a function construct, TypeScript only a class, and the
// prototype of a class cannot be replaced.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const BareObject = Bare as unknown as new <Value extends JsonValue>() => JsonObjectDraft<Value>;

/**
 * Makes an empty object that inherits nothing, so that `__proto__` and `constructor` are
 * ordinary keys of it and an absent key reads as `undefined`.
 *
 * Its prototype is an empty frozen object without a prototype instead of `null`: V8 keeps
 * objects made by `Object.create(null)` as hash tables, which takes twice as long to fill.
 */
export function bareObject<Value extends JsonValue = JsonValue>(): JsonObjectDraft<Value> {
  return new BareObject<Value>();
}

/** What ES2024 declares and Node 20 has. */
interface WellFormedString {
  toWellFormed(): string;
}

/** Replaces lone surrogates by U+FFFD, so that hashing and encoding see the same bytes. */
export function wellFormed(text: string): string {
  // A boundary: our library level is ES2023, the method is in every Node that we support.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (text as unknown as WellFormedString).toWellFormed();
}
