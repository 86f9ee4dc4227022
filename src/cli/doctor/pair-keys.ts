import type { JsonObject } from '../../record/json.ts';

/** A key before redaction, and the key its value has after it; `undefined` when it is gone. */
export type KeyPair = readonly [before: string, after: string | undefined];

/**
 * Says what became of each key of an object. A key stays, gets `_hash` at its end, or, when it is
 * personal itself, is another key that stands in the same order.
 */
export function pairKeys(
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
