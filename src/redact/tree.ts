import type { JsonObjectDraft } from '../record/bare-object.ts';
import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { copyUntil, isJsonArray } from './json-shape.ts';
import { type ChooseName, type DigestName, freeName, isDigestName } from './naming.ts';
import { remember } from './remember.ts';
import { type Decision, inherit } from './rules.ts';
import type { Surface } from './surface.ts';
import type { Leaf, WholeValue } from './whole-value.ts';

/** What the walk over a tree is made of. */
export interface TreeParts {
  /** What the rules say about a dotted path. Total. */
  readonly decide: (path: string) => Decision;
  /** Applies a rule to a leaf. Total. */
  readonly wholeValue: WholeValue;
  readonly chooseName: ChooseName;
  /** Searches a string that no rule is about; `undefined` when nothing of it stays. Total. */
  readonly search: (text: string, surface: Surface) => string | undefined;
}

/** Redacts a tree whose strings are of the given surface, where their names do not say more. */
export type RedactTree = (tree: JsonValue, surface: 'name' | 'text') => JsonValue | undefined;

/** A value's place: its path, what was decided about it, and where a digest of it would go. */
interface Place {
  readonly path: string;
  readonly decision: Decision | undefined;
  readonly digest: DigestName;
  readonly surface: 'name' | 'text';
}

/** What becomes of an entry of an object; without a value it does not travel. */
interface Change {
  readonly name: string;
  readonly value: JsonValue | undefined;
}

const SAME_NAME: DigestName = { suffix: '', prefix: 'sha256:', holdsDigests: false };

function isDropped({ decision }: Place): boolean {
  return decision?.action === 'drop';
}

/**
 * Builds the walk over a tree.
 *
 * - The tree given is never changed; a part in which nothing changes is shared with it.
 * - A rule about a container is about every leaf in it, unless an earlier rule is about the leaf.
 * - A container of which a rule leaves nothing goes together with its name.
 */
export function createTree({ decide, wholeValue, chooseName, search }: TreeParts): RedactTree {
  const keyInfo = remember(
    (key) => ({ safe: search(key, 'name') ?? '', holdsDigests: isDigestName(key) }),
    (key, { safe }) => key === safe,
  );
  function leafAt(leaf: Leaf, { decision, digest, surface }: Place): JsonValue | undefined {
    if (decision !== undefined && decision.action !== 'scan') {
      return wholeValue(leaf, decision, digest);
    }
    if (typeof leaf !== 'string') return leaf;
    const known = decision?.surface ?? 'name';
    return search(leaf, known === 'name' ? surface : known);
  }

  function arrayAt(source: JsonArray, place: Place): JsonArray | undefined {
    let out: JsonValue[] | undefined;
    for (const [index, item] of source.entries()) {
      const next = valueAt(item, place);
      if (next !== item) out ??= source.slice(0, index);
      if (out !== undefined && next !== undefined) out.push(next);
    }
    const result = out ?? source;
    return result.length === 0 && isDropped(place) ? undefined : result;
  }

  function placeOf(source: JsonObject, key: string, parent: Place): Place {
    const path = parent.path === '' ? key : `${parent.path}.${key}`;
    const decision = inherit(decide(path), parent.decision);
    const digest =
      decision.action === 'hash' ? chooseName(source, key, keyInfo(key).holdsDigests) : SAME_NAME;
    return { path, decision, digest, surface: parent.surface };
  }

  function changeOf(source: JsonObject, key: string, parent: Place): Change | undefined {
    const value = source[key] ?? null;
    const place = placeOf(source, key, parent);
    const next = valueAt(value, place);
    const { safe } = keyInfo(key);
    if (next !== value) return { name: safe + place.digest.suffix, value: next };
    return safe === key ? undefined : { name: safe, value: next };
  }

  function objectAt(source: JsonObject, parent: Place): JsonObject | undefined {
    let out: JsonObjectDraft | undefined;
    let kept = 0;
    for (const key of Object.keys(source)) {
      const change = changeOf(source, key, parent);
      if (change !== undefined) out ??= copyUntil(source, key);
      const value = change === undefined ? source[key] : change.value;
      if (value === undefined) continue;
      kept += 1;
      if (out !== undefined) out[freeName(change?.name ?? key, { key, source, out })] = value;
    }
    return kept === 0 && isDropped(parent) ? undefined : (out ?? source);
  }

  function valueAt(value: JsonValue, place: Place): JsonValue | undefined {
    if (typeof value !== 'object' || value === null) return leafAt(value, place);
    return isJsonArray(value) ? arrayAt(value, place) : objectAt(value, place);
  }

  return (tree, surface) =>
    valueAt(tree, { path: '', decision: undefined, digest: SAME_NAME, surface });
}
