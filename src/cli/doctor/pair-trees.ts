import type { JsonValue } from '../../record/json.ts';
import { isJsonArray, isJsonObject } from '../../redact/json-shape.ts';
import { pairKeys } from './pair-keys.ts';

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

type Place = Pick<ValuePair, 'path' | 'name'>;

function placeOf(key: string, parent: Place, { show, roots }: NameReader): Place {
  const shown = show(key);
  const path = parent.path === '' ? shown : `${parent.path}.${shown}`;
  if (roots.has(path)) return { path, name: '' };
  return { path, name: parent.name === '' ? key : `${parent.name}.${key}` };
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
