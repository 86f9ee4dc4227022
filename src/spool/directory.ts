import process from 'node:process';
import type { FilePort, PathKind } from './files.ts';
import { errorCodeOf } from './files.ts';
import { dirname, join, resolve } from 'node:path';

/** Names of the marks by which who holds a directory is known. */
export const LOCK = 'lock';
export const SOCKET = 'live.sock';

/** Whether a file only says who holds the directory. */
export function isMark(name: string): boolean {
  return name === LOCK || name === SOCKET;
}

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

/** What is wrong with a directory, by code, and how to put it right. */
const UNSAFE = {
  ENOTDIR: 'is no directory, or a link to one: name a directory',
  EFOREIGNOWNER: 'belongs to another user: give it to the user of the process, or name another one',
  EWRITABLEBYOTHERS:
    'can be written by others: chmod 700; on a Kubernetes volume with fsGroup name a directory below ' +
    'its mount point and set fsGroupChangePolicy: OnRootMismatch',
} as const;

/** A directory in which evidence could be forged, or that is none. */
class UnsafeDirectory extends Error {
  readonly code: keyof typeof UNSAFE;

  constructor(code: keyof typeof UNSAFE, path: string) {
    super(`${code}: ${path} ${UNSAFE[code]}`);
    this.code = code;
  }
}

/** Whether a directory was refused, which the next write says with the remedy. */
export function isUnsafe(error: unknown): boolean {
  return error instanceof UnsafeDirectory;
}

/** What went wrong with the disk: the code of the system or, where people can act, a sentence. */
export function detailOf(error: unknown): string {
  return error instanceof UnsafeDirectory ? error.message : errorCodeOf(error);
}

/**
 * Who can write into the directory can forge evidence, so it must be one's own and no link.
 *
 * @throws UnsafeDirectory
 */
function requireOwn(path: string, found: PathKind): void {
  if (found.kind !== 'directory') throw new UnsafeDirectory('ENOTDIR', path);
  const me = process.getuid?.();
  if (me === undefined) return;
  if (found.owner !== me) throw new UnsafeDirectory('EFOREIGNOWNER', path);
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0) throw new UnsafeDirectory('EWRITABLEBYOTHERS', path);
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
    if (found !== undefined) requireOwn(path, found);
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
    requireOwn(path, found);
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
  /** Marks a directory as that of a living writer; leaves nothing in it where that fails. */
  lease(directory: string): Promise<Lease>;
  /**
   * Marks a directory that somebody has left, with what is in it already: on a full disk nothing
   * can be made. As far as it goes; never rejects.
   */
  retake(directory: string): Promise<Lease>;
  /** Whether who marked a directory is there. */
  isAlive(directory: string): Promise<boolean>;
}

/** `<writer>` while it lives, `<writer>@<adopter>` once it is taken over. */
export function ownerOf(name: string): {
  readonly writer: string;
  readonly adopter: string | undefined;
} {
  const at = name.indexOf('@');
  return at < 0
    ? { writer: name, adopter: undefined }
    : { writer: name.slice(0, at), adopter: name.slice(at + 1) };
}

/** A name that sorts by the time it was made, given an id that no other writer has. */
export function writerName(madeAtMs: number, id: string): string {
  const time = Math.max(0, Math.trunc(madeAtMs)).toString(16).padStart(12, '0');
  return `${time}-${id.replaceAll('-', '').slice(0, 20)}`;
}

/** When the writer of a name was made, ms since the epoch; `Infinity` for a name of another form. */
export function madeAt(writer: string): number {
  const [, time] = /^([0-9a-f]{12})-/.exec(writer) ?? [];
  return time === undefined ? Infinity : Number.parseInt(time, 16);
}

/**
 * Whether somebody who lives holds the directory of a name: by one of his own, or, where the disk
 * was too full to make one, by a mark in it.
 */
export async function isHeld(liveness: Liveness, writers: string, name: string): Promise<boolean> {
  const { writer, adopter = writer } = ownerOf(name);
  if (await liveness.isAlive(join(writers, adopter))) return true;
  return adopter !== writer && liveness.isAlive(join(writers, name));
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

  /** Whether somebody holds the directory of a name who lives. */
  isHeld(name: string): Promise<boolean> {
    return isHeld(this.#liveness, this.writers, name);
  }

  /** Holds what somebody has left under a name of one's own, without a directory of one's own. */
  async hold(writer: string, path: string): Promise<void> {
    this.#leased.push({ writer, path, lease: await this.#liveness.retake(path) });
  }

  async #make(): Promise<Leased> {
    await makeDurableDirectory(this.#files, dirname(this.writers));
    await makeDurableDirectory(this.#files, this.writers);
    const made = this.another();
    try {
      await makeDurableDirectory(this.#files, made.path);
      const leased = { ...made, lease: await this.#liveness.lease(made.path) };
      this.#writer = made.writer;
      this.#leased.push(leased);
      return leased;
    } catch (error) {
      // It is tried again, and an empty one must not stay behind each time.
      await this.#files.removeDirectory(made.path).catch(() => {});
      throw error;
    }
  }
}
