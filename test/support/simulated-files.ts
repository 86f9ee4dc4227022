import type { FileIdentity, FilePort, OpenFile, PathKind } from '../../src/spool/files.ts';
import type { Effect, Node, Nodes } from './simulated-disk.ts';
import { ROOT, applyEffect, emptyDisk } from './simulated-disk.ts';

/** What may go wrong, asked before each operation. */
export interface Faults {
  /** A system error code for this operation; `undefined` lets it through. */
  fail(operation: string, path: string): string | undefined;
  /** How many of so many bytes a write takes. */
  shorten(bytes: number): number;
}

/** A file system in memory that records every effect. */
export interface SimulatedFiles extends FilePort {
  readonly nodes: Nodes;
  readonly effects: readonly Effect[];
}

const NO_FAULTS: Faults = { fail: () => undefined, shorten: (bytes) => bytes };

function systemError(code: string): Error {
  return Object.assign(new Error(`simulated ${code}`), { code });
}

/** How to make one. */
export interface SimulatedOptions {
  readonly nodes?: Nodes;
  readonly faults?: Faults;
  /** Free and total bytes of the volume. */
  readonly space?: { readonly free: number; readonly total: number };
}

/** Makes a file system, with nothing on it or with what a crash has left. */
export function simulatedFiles(options: SimulatedOptions = {}): SimulatedFiles {
  const { nodes = emptyDisk(), faults = NO_FAULTS } = options;
  const { space = { free: 2 ** 40, total: 2 ** 40 } } = options;
  const effects: Effect[] = [];
  let lastNode = Math.max(...nodes.keys());

  function cause(effect: Effect): void {
    effects.push(effect);
    applyEffect(nodes, effect);
  }

  function guard(operation: string, path: string): void {
    const code = faults.fail(operation, path);
    if (code !== undefined) throw systemError(code);
  }

  function find(path: string): number | undefined {
    let at: number | undefined = ROOT;
    for (const part of path.split('/').filter((each) => each !== '')) {
      const node: Node | undefined = at === undefined ? undefined : nodes.get(at);
      at = node?.kind === 'directory' ? node.entries.get(part) : undefined;
    }
    return at;
  }

  function place(path: string): { readonly parent: number; readonly name: string } {
    const cut = path.lastIndexOf('/');
    const parent = find(path.slice(0, cut));
    if (parent === undefined) throw systemError('ENOENT');
    return { parent, name: path.slice(cut + 1) };
  }

  function existing(path: string): number {
    const node = find(path);
    if (node === undefined) throw systemError('ENOENT');
    return node;
  }

  function contentOf(node: number): Buffer {
    const file = nodes.get(node);
    return file?.kind === 'file' ? file.content : Buffer.alloc(0);
  }

  function identityOf(inode: number): FileIdentity {
    const node = nodes.get(inode);
    const links = node?.kind === 'file' ? node.links : 1;
    return { device: 1, inode, links, size: contentOf(inode).length };
  }

  function add(kind: 'mkdir' | 'create', path: string): number {
    const { parent, name } = place(path);
    if (find(path) !== undefined) throw systemError('EEXIST');
    lastNode += 1;
    cause({ kind, parent, name, node: lastNode });
    return lastNode;
  }

  function opened(node: number, path: string): OpenFile {
    return {
      async write(bytes, at) {
        await Promise.resolve();
        guard('write', path);
        const taken = faults.shorten(bytes.byteLength);
        if (taken > 0) {
          cause({ kind: 'write', node, at, bytes: Buffer.from(bytes.subarray(0, taken)) });
        }
        return taken;
      },
      async read(into, at) {
        await Promise.resolve();
        guard('read', path);
        return contentOf(node).subarray(at).copy(into);
      },
      async truncate(size) {
        await Promise.resolve();
        guard('truncate', path);
        cause({ kind: 'truncate', node, size });
      },
      async sync() {
        await Promise.resolve();
        const code = faults.fail('sync', path);
        cause({ kind: code === undefined ? 'sync' : 'failedsync', node });
        if (code !== undefined) throw systemError(code);
      },
      identity: () => Promise.resolve(identityOf(node)),
      close: () => Promise.resolve(),
    };
  }

  function describe(path: string): (FileIdentity & PathKind) | undefined {
    const node = find(path);
    if (node === undefined) return undefined;
    const kind = nodes.get(node)?.kind ?? 'other';
    return { ...identityOf(node), kind, owner: process.getuid?.() ?? 0, mode: 0o700 };
  }

  return {
    nodes,
    effects,
    async makeDirectory(path) {
      await Promise.resolve();
      guard('mkdir', path);
      add('mkdir', path);
    },
    async list(path) {
      await Promise.resolve();
      guard('list', path);
      const node = nodes.get(existing(path));
      return node?.kind === 'directory' ? [...node.entries.keys()] : [];
    },
    async syncDirectory(path) {
      await Promise.resolve();
      guard('syncdir', path);
      cause({ kind: 'syncdir', node: existing(path) });
    },
    async createFile(path) {
      await Promise.resolve();
      guard('create', path);
      return opened(add('create', path), path);
    },
    async openFile(path) {
      await Promise.resolve();
      guard('open', path);
      return opened(existing(path), path);
    },
    async identity(path) {
      await Promise.resolve();
      return describe(path);
    },
    identityNow: describe,
    async rename(from, to) {
      await Promise.resolve();
      guard('rename', from);
      const { parent, name } = place(from);
      existing(from);
      cause({ kind: 'rename', parent, from: name, to: place(to).name });
    },
    async unlink(path) {
      await Promise.resolve();
      guard('unlink', path);
      existing(path);
      cause({ kind: 'unlink', ...place(path) });
    },
    async removeDirectory(path) {
      await Promise.resolve();
      guard('rmdir', path);
      const node = nodes.get(existing(path));
      if (node?.kind === 'directory' && node.entries.size > 0) throw systemError('ENOTEMPTY');
      cause({ kind: 'unlink', ...place(path) });
    },
    space: () => Promise.resolve(space),
    createFileNow(path, bytes) {
      const node = add('create', path);
      cause({ kind: 'write', node, at: 0, bytes: Buffer.from(bytes) });
      cause({ kind: 'sync', node });
      cause({ kind: 'syncdir', node: place(path).parent });
    },
  };
}
