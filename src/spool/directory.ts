import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import type { FilePort, PathKind } from './file-port.ts';
import { errorCodeOf } from './system-error.ts';

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

/** Makes a directory and its missing ancestors; every new entry is on disk when it resolves. */
export async function makeDurableDirectory(files: FilePort, path: string): Promise<void> {
  const found = await files.identity(path);
  const parent = dirname(path);
  if (found !== undefined) {
    requireOwn(found);
    await syncEntry(files, parent);
    return;
  }
  if (parent !== path && (await files.identity(parent)) === undefined) {
    await makeDurableDirectory(files, parent);
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
