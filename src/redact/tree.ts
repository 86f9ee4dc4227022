import type { JsonObjectDraft } from '../record/bare-object.ts';
import type { JsonArray, JsonObject, JsonValue } from '../record/json.ts';
import { searchOnce } from './clean-text.ts';
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

const SAME_NAME: DigestName = { renamed: false, prefix: 'sha256:', holdsDigests: false };

function isDropped({ decision }: NameNode): boolean {
  return decision?.action === 'drop';
}

function newName({ hashed, safe }: NameNode, { renamed }: DigestName): string {
  return renamed ? hashed : safe;
}

/** Builds the walk over trees of one surface. */
function createWalk(parts: TreeParts, surface: 'name' | 'text'): Walk {
  const { names, wholeValue, chooseName, search } = parts;

  function leafAt(leaf: Leaf, node: NameNode, digest: DigestName): JsonValue | undefined {
    const { decision, clean: last } = node;
    if (decision !== undefined && decision.action !== 'scan') {
      return wholeValue(leaf, decision, digest);
    }
    if (typeof leaf !== 'string') return leaf;
    const known = decision?.surface ?? 'name';
    return searchOnce(leaf, { surface: known === 'name' ? surface : known, search, last });
  }

  function arrayAt(source: JsonArray, node: NameNode, digest: DigestName): JsonArray | undefined {
    let out: JsonValue[] | undefined;
    for (let index = 0; index < source.length; index += 1) {
      const item = source[index] ?? null;
      const next = valueAt(item, node, digest);
      if (next !== item) out ??= source.slice(0, index);
      if (out !== undefined && next !== undefined) out.push(next);
    }
    const result = out ?? source;
    return result.length === 0 && isDropped(node) ? undefined : result;
  }

  function digestOf(source: JsonObject, child: NameNode): DigestName {
    return child.decision?.action === 'hash' ? chooseName(source, child) : SAME_NAME;
  }

  function objectAt(source: JsonObject, node: NameNode): JsonObject | undefined {
    let out: JsonObjectDraft | undefined;
    let kept = 0;
    for (const child of names.children(node, Object.keys(source))) {
      const { key, safe } = child;
      const before = source[key] ?? null;
      const digest = digestOf(source, child);
      const value = valueAt(before, child, digest);
      if (value !== before || safe !== key) out ??= copyUntil(source, key);
      if (value === undefined) continue;
      kept += 1;
      if (out === undefined) continue;
      const name = value === before ? safe : newName(child, digest);
      out[freeName(name, { key, source, out })] = value;
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
