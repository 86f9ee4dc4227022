/** One effect on a disk, in the order in which the program caused it. */
export type Effect =
  | {
      readonly kind: 'mkdir';
      readonly parent: number;
      readonly name: string;
      readonly node: number;
    }
  | {
      readonly kind: 'create';
      readonly parent: number;
      readonly name: string;
      readonly node: number;
    }
  | { readonly kind: 'write'; readonly node: number; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly node: number; readonly size: number }
  | { readonly kind: 'unlink'; readonly parent: number; readonly name: string }
  | { readonly kind: 'rename'; readonly parent: number; readonly from: string; readonly to: string }
  | { readonly kind: 'sync'; readonly node: number }
  /** A sync that failed: the kernel forgets that what it had to write is not written. */
  | { readonly kind: 'failedsync'; readonly node: number }
  | { readonly kind: 'syncdir'; readonly node: number };

/** A file or a directory. */
export type Node =
  | { readonly kind: 'file'; content: Buffer; links: number }
  | { readonly kind: 'directory'; readonly entries: Map<string, number> };

/** Everything on a disk at one moment. */
export type Nodes = Map<number, Node>;

/** Number of the root directory. */
export const ROOT = 1;

/** A disk with nothing on it. */
export function emptyDisk(): Nodes {
  return new Map([[ROOT, { kind: 'directory', entries: new Map() }]]);
}

function entriesOf(nodes: Nodes, directory: number): Map<string, number> {
  const node = nodes.get(directory);
  // A directory whose own making was lost takes nothing.
  return node?.kind === 'directory' ? node.entries : new Map<string, number>();
}

function overwrite(content: Buffer, at: number, bytes: Buffer): Buffer {
  const grown = Buffer.alloc(Math.max(content.length, at + bytes.length));
  content.copy(grown);
  bytes.copy(grown, at);
  return grown;
}

function applyToContent(file: Extract<Node, { kind: 'file' }>, effect: Effect): void {
  if (effect.kind === 'write') file.content = overwrite(file.content, effect.at, effect.bytes);
  if (effect.kind !== 'truncate') return;
  const cut = Buffer.alloc(effect.size);
  file.content.copy(cut);
  file.content = cut;
}

function unlink(nodes: Nodes, entries: Map<string, number>, name: string): void {
  const node = nodes.get(entries.get(name) ?? 0);
  if (node?.kind === 'file') node.links -= 1;
  entries.delete(name);
}

function link(nodes: Nodes, effect: Extract<Effect, { kind: 'mkdir' | 'create' }>): void {
  const { parent, name, node: number } = effect;
  const fresh: Node =
    effect.kind === 'mkdir'
      ? { kind: 'directory', entries: new Map() }
      : { kind: 'file', content: Buffer.alloc(0), links: 0 };
  const node = nodes.get(number) ?? fresh;
  if (node.kind === 'file') node.links = 1;
  nodes.set(number, node);
  entriesOf(nodes, parent).set(name, number);
}

function rename(nodes: Nodes, { parent, from, to }: Extract<Effect, { kind: 'rename' }>): void {
  const entries = entriesOf(nodes, parent);
  const node = entries.get(from);
  if (node === undefined) return;
  entries.delete(from);
  entries.set(to, node);
}

/** Content can reach the disk before the entry does: the file is then found by nobody. */
function change(nodes: Nodes, effect: Extract<Effect, { kind: 'write' | 'truncate' }>): void {
  const file = nodes.get(effect.node) ?? { kind: 'file', content: Buffer.alloc(0), links: 0 };
  nodes.set(effect.node, file);
  if (file.kind === 'file') applyToContent(file, effect);
}

/** Applies one effect; one that has lost what it builds on does nothing. */
export function applyEffect(nodes: Nodes, effect: Effect): void {
  switch (effect.kind) {
    case 'mkdir':
    case 'create':
      link(nodes, effect);
      return;
    case 'unlink':
      unlink(nodes, entriesOf(nodes, effect.parent), effect.name);
      return;
    case 'rename':
      rename(nodes, effect);
      return;
    case 'write':
    case 'truncate':
      change(nodes, effect);
      return;
    case 'sync':
    case 'failedsync':
    case 'syncdir':
  }
}

/** A disk after the forgotten effects. */
export function diskAfter(effects: readonly Effect[]): Nodes {
  const nodes = emptyDisk();
  for (const effect of effects) applyEffect(nodes, effect);
  return nodes;
}

function isContent(effect: Effect): effect is Extract<Effect, { kind: 'write' | 'truncate' }> {
  return effect.kind === 'write' || effect.kind === 'truncate';
}

/** Whether a sync makes an effect durable: content of that file, or entries of that directory. */
function isCovered(effect: Effect, by: Extract<Effect, { kind: 'sync' | 'syncdir' }>): boolean {
  if (by.kind === 'sync') return isContent(effect) && effect.node === by.node;
  return 'parent' in effect && effect.parent === by.node;
}

/**
 * Which of the effects so far survive a loss of power whatever happens, and which may not. What a
 * failed sync should have written never becomes durable: a later sync succeeds without it.
 */
export function splitBySync(effects: readonly Effect[]): {
  readonly durable: ReadonlySet<Effect>;
  readonly unsynced: readonly Effect[];
} {
  const durable = new Set<Effect>();
  const forgotten = new Set<Effect>();
  let open: Effect[] = [];
  for (const effect of effects) {
    if (effect.kind === 'failedsync') {
      for (const one of open)
        if (one.kind === 'write' && one.node === effect.node) forgotten.add(one);
    } else if (effect.kind === 'sync' || effect.kind === 'syncdir') {
      const isDone = (one: Effect): boolean => !forgotten.has(one) && isCovered(one, effect);
      for (const one of open) if (isDone(one)) durable.add(one);
      open = open.filter((one) => !durable.has(one));
    } else open.push(effect);
  }
  return { durable, unsynced: open };
}
