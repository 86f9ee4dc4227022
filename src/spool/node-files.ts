import process from 'node:process';
import type { FileIdentity, FilePort, OpenFile, PathKind } from './files.ts';
import { errorCodeOf } from './files.ts';
import type { Stats } from 'node:fs';
import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  writeSync,
} from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, mkdir, open, readdir, rename, rmdir, statfs, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = constants;
// Not there on Windows, where a directory of one's own must do.
const NO_FOLLOW = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

function identityOf(stats: Stats): FileIdentity {
  return { device: stats.dev, inode: stats.ino, links: stats.nlink, size: stats.size };
}

function kindOf(stats: Stats): PathKind['kind'] {
  if (stats.isFile()) return 'file';
  return stats.isDirectory() ? 'directory' : 'other';
}

function openFile(handle: FileHandle): OpenFile {
  return {
    write: async (bytes, position) =>
      (await handle.write(bytes, 0, bytes.byteLength, position)).bytesWritten,
    read: async (into, position) =>
      (await handle.read(into, 0, into.byteLength, position)).bytesRead,
    truncate: (size) => handle.truncate(size),
    sync: () => handle.datasync(),
    identity: async () => identityOf(await handle.stat()),
    close: () => handle.close(),
  };
}

function describe(stats: Stats): FileIdentity & PathKind {
  const { uid: owner, mode } = stats;
  return { ...identityOf(stats), kind: kindOf(stats), owner, mode: mode & 0o777 };
}

function nothingIfMissing(error: unknown): undefined {
  const code = errorCodeOf(error);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
}

/** A spool that somebody looks into may be a copy on a volume that takes no writes. */
function isReadOnly(error: unknown): boolean {
  return ['EROFS', 'EACCES', 'EPERM'].includes(errorCodeOf(error));
}

/** Syncing a directory is no operation of Windows. */
function ignoreOnWindows(error: unknown): void {
  if (process.platform !== 'win32') throw error;
}

function writeAllNow(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength;) {
    const written = writeSync(descriptor, bytes, at, bytes.byteLength - at, at);
    if (written === 0) throw new Error('nothing was written');
    at += written;
  }
}

/** The file system of the machine. */
export const nodeFiles: FilePort = {
  makeDirectory: async (path) => {
    await mkdir(path, { mode: DIRECTORY_MODE });
  },
  list: (path) => readdir(path),
  async syncDirectory(path) {
    try {
      const handle = await open(path, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      ignoreOnWindows(error);
    }
  },
  createFile: async (path) =>
    openFile(await open(path, O_RDWR | O_CREAT | O_EXCL | NO_FOLLOW, FILE_MODE)),
  async openFile(path) {
    try {
      return openFile(await open(path, O_RDWR | NO_FOLLOW));
    } catch (error) {
      if (!isReadOnly(error)) throw error;
      return openFile(await open(path, O_RDONLY | NO_FOLLOW));
    }
  },
  async identity(path) {
    try {
      return describe(await lstat(path));
    } catch (error) {
      return nothingIfMissing(error);
    }
  },
  identityNow(path) {
    try {
      return describe(lstatSync(path));
    } catch (error) {
      return nothingIfMissing(error);
    }
  },
  rename: (from, to) => rename(from, to),
  unlink: (path) => unlink(path),
  removeDirectory: (path) => rmdir(path),
  async space(path) {
    const { bavail, blocks, bsize } = await statfs(path);
    return { free: bavail * bsize, total: blocks * bsize };
  },
  createFileNow(path, bytes) {
    const folder = dirname(path);
    mkdirSync(folder, { recursive: true, mode: DIRECTORY_MODE });
    const descriptor = openSync(path, O_RDWR | O_CREAT | O_EXCL | NO_FOLLOW, FILE_MODE);
    try {
      writeAllNow(descriptor, bytes);
      fdatasyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    syncFolderNow(folder);
  },
};

function syncFolderNow(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch (error) {
    ignoreOnWindows(error);
  }
}
