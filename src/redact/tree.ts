import type { JsonObjectDraft } from '../record/bare-object.ts';
import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { copyUntil, isJsonArray } from './json-shape.ts';
import type { NameNode, NameTree } from './name-tree.ts';
import { type ChooseName, type DigestName, freeName } from './naming.ts';
import type { Search } from './search.ts';
import type { Leaf, WholeValue } from './whole-value.ts';

/** What the walk over a tree is made of; all of it total. */
export interface TreeParts {
  readonly names: NameTree;
  /** Applies a rule to a leaf. */
  readonly wholeValue: WholeValue;
  readonly chooseName: ChooseName;
  /** Searches a string that no rule is about. */
  readonly search: Search;
}

/** Redacts a tree whose strings are of the given surface, where their names do not say more. */
export type RedactTree = (tree: JsonValue, surface: 'name' | 'text') => JsonValue | undefined;

type Walk = (tree: JsonValue) => JsonValue | undefined;

/** What becomes of an entry of an object; without a value it does not travel. */
interface Change {
  readonly name: string;
  readonly value: JsonValue | undefined;
}

const SAME_NAME: DigestName = { renamed: false, prefix: 'sha256:', holdsDigests: false };

function isDropped({ decision }: NameNode): boolean {
  return decision?.action === 'drop';
}

/** Builds the walk over trees of one surface. */
function createWalk(parts: TreeParts, surface: 'name' | 'text'): Walk {
  const { names, wholeValue, chooseName, search } = parts;

  function leafAt(leaf: Leaf, { decision }: NameNode, digest: DigestName): JsonValue | undefined {
    if (decision !== undefined && decision.action !== 'scan') {
      return wholeValue(leaf, decision, digest);
    }
    if (typeof leaf !== 'string') return leaf;
    const known = decision?.surface ?? 'name';
    return search(leaf, known === 'name' ? surface : known);
  }

  function arrayAt(source: JsonArray, node: NameNode, digest: DigestName): JsonArray | undefined {
    let out: JsonValue[] | undefined;
    for (const [index, item] of source.entries()) {
      const next = valueAt(item, node, digest);
      if (next !== item) out ??= source.slice(0, index);
      if (out !== undefined && next !== undefined) out.push(next);
    }
    const result = out ?? source;
    return result.length === 0 && isDropped(node) ? undefined : result;
  }

  function changeOf(source: JsonObject, key: string, node: NameNode): Change | undefined {
    const value = source[key] ?? null;
    const { decision, safe } = node;
    const digest = decision?.action === 'hash' ? chooseName(source, node) : SAME_NAME;
    const next = valueAt(value, node, digest);
    if (next !== value) return { name: digest.renamed ? node.hashed : safe, value: next };
    return safe === key ? undefined : { name: safe, value: next };
  }

  function objectAt(source: JsonObject, node: NameNode): JsonObject | undefined {
    let out: JsonObjectDraft | undefined;
    let kept = 0;
    for (const key of Object.keys(source)) {
      const change = changeOf(source, key, names.child(node, key));
      if (change !== undefined) out ??= copyUntil(source, key);
      const value = change === undefined ? source[key] : change.value;
      if (value === undefined) continue;
      kept += 1;
      if (out === undefined) continue;
      if (change === undefined) out[key] = value;
      else out[freeName(change.name, { key, source, out })] = value;
    }
    return kept === 0 && isDropped(node) ? undefined : (out ?? source);
  }

  function valueAt(value: JsonValue, node: NameNode, digest: DigestName): JsonValue | undefined {
    if (typeof value !== 'object' || value === null) return leafAt(value, node, digest);
    return isJsonArray(value) ? arrayAt(value, node, digest) : objectAt(value, node);
  }

  return (tree) => valueAt(tree, names.root(), SAME_NAME);
}

/**
 * Builds the walk over a tree.
 *
 * - The tree given is never changed; a part in which nothing changes is shared with it.
 * - A rule about a container is about every leaf in it, unless an earlier rule is about the leaf.
 * - A container of which a rule leaves nothing goes together with its name.
 */
export function createTree(parts: TreeParts): RedactTree {
  const walks = { name: createWalk(parts, 'name'), text: createWalk(parts, 'text') };
  return (tree, surface) => walks[surface](tree);
}
