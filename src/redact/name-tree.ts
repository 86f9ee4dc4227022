import { type CleanText, noCleanText } from './clean-text.ts';
import { type DigestedName, digestName, isDigestName } from './naming.ts';
import { type Decision, inherit } from './rules.ts';
import type { Search } from './search.ts';

/** A name at its place in a tree, with all that depends on names alone. */
export interface NameNode extends DigestedName {
  /** The dotted path from the root of the tree; `''` for the root. */
  readonly path: string;
  /** What rules say about the value, those about its containers included; none for the root. */
  readonly decision: Decision | undefined;
  /** The name with personal data in it replaced. */
  readonly safe: string;
  /** The last text under this name in which nothing was found. */
  readonly clean: CleanText;
  /** The names below that were met before. */
  readonly known: Map<string, NameNode>;
  /** The names below of the object that was met last. */
  last: KnownKeys | undefined;
}

/** The keys of an object with their places in the tree. */
interface KnownKeys {
  readonly keys: readonly string[];
  readonly nodes: readonly NameNode[];
}

/** What names are judged by. */
export interface NameParts {
  /** What rules say about a dotted path. Total. */
  readonly decide: (path: string) => Decision;
  readonly search: Search;
  /** Whether a text holds nothing that a search would find. Total. */
  readonly isClean: (text: string) => boolean;
}

/** Remembers the names of trees. */
export interface NameTree {
  root(): NameNode;
  /** The place of one key. */
  child(parent: NameNode, key: string): NameNode;
  /** The places of all keys of an object, in their order. */
  children(parent: NameNode, keys: readonly string[]): readonly NameNode[];
}

/** Names of attributes are few; a program that makes them up without end costs time, not memory. */
const MAX_NODES = 4096;
const MAX_PATH_KEPT = 512;

function isSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) {
    if (some[index] !== others[index]) return false;
  }
  return true;
}

/**
 * Builds a memory of names: everything that is decided by names is decided once per path. It is
 * bounded, and a name that shows personal data is never kept in it.
 */
export function createNameTree({ decide, search, isClean }: NameParts): NameTree {
  const newRoot = (): NameNode => ({
    path: '',
    decision: undefined,
    key: '',
    hashed: '',
    safe: '',
    holdsDigests: false,
    clean: noCleanText(),
    known: new Map(),
    last: undefined,
  });
  let root = newRoot();
  let kept = 0;

  function newChild(parent: NameNode, key: string): NameNode {
    const path = parent.path === '' ? key : `${parent.path}.${key}`;
    const safe = search(key, 'name') ?? '';
    const node: NameNode = {
      path,
      decision: inherit(decide(path), parent.decision),
      safe,
      key,
      hashed: digestName(safe),
      holdsDigests: isDigestName(key),
      clean: noCleanText(),
      known: new Map(),
      last: undefined,
    };
    if (path.length > MAX_PATH_KEPT || node.safe !== key || !isClean(path)) return node;
    if (kept >= MAX_NODES) {
      root = newRoot();
      kept = 0;
    }
    parent.known.set(key, node);
    kept += 1;
    return node;
  }

  function child(parent: NameNode, key: string): NameNode {
    return parent.known.get(key) ?? newChild(parent, key);
  }

  function children(parent: NameNode, keys: readonly string[]): readonly NameNode[] {
    // Records of one origin have the same keys, so the last answer is mostly the answer.
    if (parent.last !== undefined && isSame(parent.last.keys, keys)) return parent.last.nodes;
    const nodes = keys.map((key) => child(parent, key));
    const isKept = nodes.every((node) => parent.known.get(node.key) === node);
    parent.last = isKept ? { keys, nodes } : undefined;
    return nodes;
  }

  return { root: () => root, child, children };
}
