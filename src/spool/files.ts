import { codeOf } from '../errors.ts';

/** What tells one file from another under the same name. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
  readonly links: number;
  readonly size: number;
}

/** An open file. Errors are Node's system errors with their `code`. */
export interface OpenFile {
  /** Writes at a position; may write fewer bytes than given without an error, as `pwrite` may. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Reads from a position; 0 at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  truncate(size: number): Promise<void>;
  /** Data and size reach the disk (`fdatasync`). */
  sync(): Promise<void>;
  identity(): Promise<FileIdentity>;
  close(): Promise<void>;
}

/**
 * The file system as the spool sees it: every effect it can have, so that a test can record them,
 * refuse them, or forget those that were not synced.
 */
export interface FilePort {
  /** Makes one directory, mode 0700; `EEXIST` when there is something already. */
  makeDirectory(path: string): Promise<void>;
  /** Names in a directory, in no order. */
  list(path: string): Promise<readonly string[]>;
  /** Entries of a directory reach the disk (`fsync` on it). */
  syncDirectory(path: string): Promise<void>;
  /** Makes a file, mode 0600; `EEXIST` when there is something already, a link included. */
  createFile(path: string): Promise<OpenFile>;
  /** Opens a file that is there, for writing too where that is allowed; never follows a link. */
  openFile(path: string): Promise<OpenFile>;
  /** What stands at a path, not following links; `undefined` when nothing does. */
  identity(path: string): Promise<(FileIdentity & PathKind) | undefined>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  /** Free and total bytes of the volume, for whom the process runs as. */
  space(path: string): Promise<{ readonly free: number; readonly total: number }>;
  /** As `identity`, blocking; for the end of the process only. */
  identityNow(path: string): (FileIdentity & PathKind) | undefined;
  /** Makes a file, writes all of it and syncs it, blocking; for the end of the process only. */
  createFileNow(path: string, bytes: Uint8Array): void;
}

/** Kind, owner and mode of what stands at a path. */
export interface PathKind {
  readonly kind: 'file' | 'directory' | 'other';
  /** User id of the owner; 0 on systems without. */
  readonly owner: number;
  /** Permission bits. */
  readonly mode: number;
}

/** The code of a system error, such as `ENOSPC`; a word that is safe to show where there is none. */
export function errorCodeOf(error: unknown): string {
  return codeOf(error) ?? 'unknown error';
}

/** Whether the disk has no room: it may have some again, and nothing is wrong with the file. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === SHORT_WRITE;
}

const PASSING: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
  'EINTR',
  'EBUSY',
]);

/** Whether the process or the machine lacks something just now, and nothing is wrong with the file. */
export function isPassing(error: unknown): boolean {
  return PASSING.has(errorCodeOf(error));
}

const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR']);

/** Whether nothing stands at a path any more, or something that is no part of a spool. */
export function isGone(error: unknown): boolean {
  return GONE.has(errorCodeOf(error));
}

/** Code of a write that made no progress and gave no error. */
export const SHORT_WRITE = 'ESHORTWRITE';

/** Writes all bytes at a position, in as many writes as it takes. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    const written = await file.write(at === 0 ? bytes : bytes.subarray(at), position + at);
    if (written <= 0) throw Object.assign(new Error('short write'), { code: SHORT_WRITE });
    at += written;
  }
}

/** Whether the file that was opened at a path is still the one that is found there. */
export async function stillStands(
  files: FilePort,
  path: string,
  { inode, device }: FileIdentity,
): Promise<boolean> {
  const found = await files.identity(path);
  return found !== undefined && found.inode === inode && found.device === device;
}

/** Reads up to so many bytes from a position; fewer only at the end of the file. */
export async function readUpTo(file: OpenFile, size: number, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  while (at < size) {
    const read = await file.read(buffer.subarray(at), position + at);
    if (read <= 0) break;
    at += read;
  }
  return buffer.subarray(0, at);
}
