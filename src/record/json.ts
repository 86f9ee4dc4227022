/** A value that JSON can hold exactly; objects have no prototype, numbers are finite. */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;

/** A list of JSON values. */
export type JsonArray = readonly JsonValue[];

/** A JSON object; made with a null prototype, so that a key like `__proto__` is an ordinary key. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
