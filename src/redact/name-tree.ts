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
  /** The names below that were met before. */
  readonly known: Map<string, NameNode>;
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
  child(parent: NameNode, key: string): NameNode;
}

/** Names of attributes are few; a program that makes them up without end costs time, not memory. */
const MAX_NODES = 4096;
const MAX_PATH_KEPT = 512;

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
    known: new Map(),
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
      known: new Map(),
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

  return {
    root: () => root,
    child: (parent, key) => parent.known.get(key) ?? newChild(parent, key),
  };
}
