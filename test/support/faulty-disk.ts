import type { Effect, Nodes } from './simulated-disk.ts';
import { ROOT, diskAfter, splitBySync } from './simulated-disk.ts';
import type { Faults, SimulatedFiles } from './simulated-files.ts';
import { simulatedFiles } from './simulated-files.ts';

/**
 * How a disk is doing.
 *
 * - `full`: nothing is taken.
 * - `filling up`: a write takes half, and what follows it nothing.
 * - `writing short`: every write takes a third.
 * - `not syncing`: no file can be synced.
 */
export type DiskState = 'working' | 'full' | 'filling up' | 'writing short' | 'not syncing';

/** What can fail by itself, once. */
export type Operation =
  | 'write'
  | 'read'
  | 'sync'
  | 'truncate'
  | 'create'
  | 'open'
  | 'list'
  | 'unlink'
  | 'rename'
  | 'syncdir'
  | 'mkdir'
  | 'rmdir';

/** What a loss of power leaves of what was not synced. */
export interface Loss {
  /** Which of the effects are there: one bit each, over and over. */
  readonly mask: number;
  /** Part of the last write that is there, 0 to 1. */
  readonly torn: number;
  /** Whether the rest of it is there as zeros: the size reached the disk and the data did not. */
  readonly zeros: boolean;
}

/** A disk that outlives the processes that write on it, and misbehaves as told. */
export interface FaultyDisk {
  /** The disk as the process that is there now sees it. */
  files(): SimulatedFiles;
  become(state: DiskState): void;
  /** The next operation of the kind fails with `EIO`. */
  failOnce(operation: Operation): void;
  /** Everything works from now on. */
  heal(): void;
  /** The next process begins; the disk holds what the last one has caused. */
  restart(): void;
  losePower(loss: Loss): void;
  /** The kernel writes in its own time: what was caused so far is on the disk for good. */
  writeBack(): void;
  /** Files below a directory, by path. */
  read(path: string): ReadonlyMap<string, Buffer>;
}

const NEEDS_ROOM: ReadonlySet<string> = new Set(['write', 'create', 'mkdir']);

function tear(write: Extract<Effect, { kind: 'write' }>, { torn, zeros }: Loss): Effect {
  const length = Math.floor(write.bytes.length * torn);
  const there = write.bytes.subarray(0, length);
  if (!zeros) return { ...write, bytes: there };
  return { ...write, bytes: Buffer.concat([there, Buffer.alloc(write.bytes.length - length)]) };
}

/** What of a trace is there after the power was lost. */
function survivors(trace: readonly Effect[], loss: Loss): readonly Effect[] {
  const { unsynced } = splitBySync(trace);
  const lost = new Set(unsynced.filter((_, index) => (loss.mask >> (index % 30)) % 2 === 0));
  const last = unsynced.findLast((effect) => effect.kind === 'write' && !lost.has(effect));
  return trace
    .filter((effect) => !lost.has(effect))
    .map((effect) => (effect === last && effect.kind === 'write' ? tear(effect, loss) : effect));
}

function filesBelow(nodes: Nodes, path: string): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  function walk(here: string, number: number): void {
    const node = nodes.get(number);
    if (node?.kind === 'file' && here.startsWith(path)) found.set(here, node.content);
    if (node?.kind !== 'directory') return;
    for (const [name, inner] of node.entries) walk(`${here}/${name}`, inner);
  }
  walk('', ROOT);
  return found;
}

/** Makes an empty one that works. */
export function faultyDisk(): FaultyDisk {
  let state: DiskState = 'working';
  let failing: Operation | undefined;
  let halfWritten = false;
  /** Effects so far, and how many of those of the present process are in it. */
  let history: readonly Effect[] = [];
  let included = 0;

  const faults: Faults = {
    fail(operation) {
      if (operation === failing) {
        failing = undefined;
        return 'EIO';
      }
      if (state === 'not syncing' && operation === 'sync') return 'EIO';
      if (state === 'full' && NEEDS_ROOM.has(operation)) return 'ENOSPC';
      if (state === 'filling up' && operation === 'write' && halfWritten) {
        halfWritten = false;
        return 'ENOSPC';
      }
      return undefined;
    },
    shorten(bytes) {
      if (state === 'writing short') return Math.ceil(bytes / 3);
      halfWritten = state === 'filling up';
      return halfWritten ? Math.ceil(bytes / 2) : bytes;
    },
  };
  let files = simulatedFiles({ faults });

  function begin(effects: readonly Effect[]): void {
    history = effects;
    included = 0;
    files = simulatedFiles({ nodes: diskAfter(effects), faults });
  }

  const trace = (): readonly Effect[] => [...history, ...files.effects.slice(included)];

  return {
    files: () => files,
    become(next) {
      state = next;
      halfWritten = false;
    },
    failOnce(operation) {
      failing = operation;
    },
    heal() {
      state = 'working';
      failing = undefined;
    },
    restart() {
      begin(trace());
    },
    losePower(loss) {
      begin(survivors(trace(), loss));
    },
    writeBack() {
      const syncs = [...files.nodes.keys()].flatMap((node): Effect[] => [
        { kind: 'sync', node },
        { kind: 'syncdir', node },
      ]);
      history = [...trace(), ...syncs];
      included = files.effects.length;
    },
    read: (path) => filesBelow(files.nodes, path),
  };
}
