import process from 'node:process';
import type { FilePort, PathKind } from './files.ts';
import { errorCodeOf } from './files.ts';
import { dirname, join, resolve } from 'node:path';

/** Version of the layout on disk. */
const LAYOUT = 'v1';
const WRITABLE_BY_OTHERS = 0o022;

/** Where the parts of a spool are. */
export interface SpoolPaths {
  /** The directory itself. */
  readonly root: string;
  /** Directories of the writers. */
  readonly writers: string;
  /** Refused events and damaged ranges. */
  readonly quarantine: string;
}

/** Where the parts of the spool in a directory are. */
export function spoolPaths(directory: string): SpoolPaths {
  const root = resolve(directory);
  return { root, writers: join(root, LAYOUT), quarantine: join(root, 'quarantine') };
}

function unsafe(code: string): Error {
  return Object.assign(new Error('unsafe directory'), { code });
}

/**
 * Who can write into the directory can forge evidence, so it must be one's own and no link.
 *
 * @throws Error with a `code` that says what is wrong
 */
function requireOwn(found: PathKind): void {
  if (found.kind !== 'directory') throw unsafe('ENOTDIR');
  const me = process.getuid?.();
  if (me !== undefined && found.owner !== me) throw unsafe('EFOREIGNOWNER');
  if (me !== undefined && (found.mode & WRITABLE_BY_OTHERS) !== 0)
    throw unsafe('EWRITABLEBYOTHERS');
}

/**
 * Makes sure, blocking, that nothing of a spool that is there already can be written by others; for
 * the end of the process.
 *
 * @throws Error with a `code` that says what is wrong
 */
export function requireSafeNow(files: FilePort, { root, writers }: SpoolPaths): void {
  for (const path of [root, writers]) {
    const found = files.identityNow(path);
    if (found !== undefined) requireOwn(found);
  }
}

/** Who made it may have been killed before its entry was on disk. */
async function syncEntry(files: FilePort, parent: string): Promise<void> {
  try {
    await files.syncDirectory(parent);
  } catch (error) {
    // Above the spool there may be directories of others; what stands in those, others made.
    if (!['EACCES', 'EPERM'].includes(errorCodeOf(error))) throw error;
  }
}

/**
 * Syncs what leads to a directory that is there, as far as its volume goes: an earlier attempt may
 * have made a part of it, and failed before the entry was on disk.
 */
async function syncAbove(files: FilePort, path: string): Promise<void> {
  const parent = dirname(path);
  if (parent === path) return;
  const [here, above] = await Promise.all([files.identity(path), files.identity(parent)]);
  if (here === undefined || here.device !== above?.device) return;
  await syncEntry(files, parent);
  await syncAbove(files, parent);
}

/** Makes a directory and its missing ancestors; every new entry is on disk when it resolves. */
export async function makeDurableDirectory(files: FilePort, path: string): Promise<void> {
  const found = await files.identity(path);
  const parent = dirname(path);
  if (found !== undefined) {
    requireOwn(found);
    await syncEntry(files, parent);
    return;
  }
  if (parent !== path) {
    if ((await files.identity(parent)) === undefined) await makeDurableDirectory(files, parent);
    else await syncAbove(files, parent);
  }
  try {
    await files.makeDirectory(path);
  } catch (error) {
    // Another process was faster.
    if (errorCodeOf(error) !== 'EEXIST') throw error;
    await makeDurableDirectory(files, path);
  }
  await files.syncDirectory(parent);
}

/** The exclusive hold of a directory: who has it lives, and nobody else writes there. */
export interface Lease {
  /** Lets go of it. */
  release(): Promise<void>;
}

/**
 * Tells which writers are still there. A wrong answer is safe: a living writer that is taken for
 * dead finds its directory gone at its next commit and writes again elsewhere, and what is sent
 * twice has one key.
 */
export interface Liveness {
  /** Marks a directory as that of a living writer. */
  lease(directory: string): Promise<Lease>;
  /** Whether the writer of a directory is there. */
  isAlive(directory: string): Promise<boolean>;
}

/** A private directory to write into. */
export interface WriterDirectory {
  readonly writer: string;
  readonly path: string;
}

interface Leased extends WriterDirectory {
  readonly lease: Lease;
}

/** The directory that only this writer writes into; nothing is made before the first event. */
export class OwnDirectory {
  /** Where the directories of all writers are. */
  readonly writers: string;
  readonly #files: FilePort;
  readonly #liveness: Liveness;
  readonly #newWriter: () => string;
  readonly #leased: Leased[] = [];
  #current: Promise<Leased> | undefined;
  #writer: string | undefined;

  /** @param newWriter - a name that no other writer has, and that sorts by the time it was made */
  constructor(files: FilePort, liveness: Liveness, writers: string, newWriter: () => string) {
    this.#files = files;
    this.#liveness = liveness;
    this.writers = writers;
    this.#newWriter = newWriter;
  }

  /** The directory; made on the first call, and anew after it was taken away. */
  open(): Promise<WriterDirectory> {
    this.#current ??= this.#make().catch((error: unknown) => {
      this.#current = undefined;
      throw error;
    });
    return this.#current;
  }

  /** It was taken away by who thought us dead. */
  lost(): void {
    this.#current = undefined;
    this.#writer = undefined;
  }

  /** Lets go of all; what is empty is removed. */
  async close(): Promise<void> {
    for (const { lease, path } of this.#leased) {
      await lease.release();
      await this.#files.removeDirectory(path).catch(() => {});
    }
  }

  /** Where another one would be. */
  another(): WriterDirectory {
    const writer = this.#newWriter();
    return { writer, path: join(this.writers, writer) };
  }

  /** The writer of the directory, if there is one. */
  get writer(): string | undefined {
    return this.#writer;
  }

  /** Whether a directory is or was one's own. */
  isOwn(writer: string): boolean {
    return this.#leased.some((each) => each.writer === writer);
  }

  /** Whether the writer of a directory is there: oneself, or another one. */
  async isAlive(writer: string): Promise<boolean> {
    return this.isOwn(writer) || this.#liveness.isAlive(join(this.writers, writer));
  }

  async #make(): Promise<Leased> {
    await makeDurableDirectory(this.#files, dirname(this.writers));
    await makeDurableDirectory(this.#files, this.writers);
    const made = this.another();
    await makeDurableDirectory(this.#files, made.path);
    const leased = { ...made, lease: await this.#liveness.lease(made.path) };
    this.#writer = made.writer;
    this.#leased.push(leased);
    return leased;
  }
}
