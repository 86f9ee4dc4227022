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
