import type { JsonObject, JsonValue } from '../record/json.ts';
import { canonicalJson } from './canonical-json.ts';
import { memberBytes, objectOf } from './json-tree.ts';

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
