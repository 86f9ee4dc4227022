import {
  constants,
  closeSync,
  fsyncSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  writeSync,
} from 'node:fs';
import type { BigIntStats, Stats } from 'node:fs';
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rmdir,
  statfs,
  unlink,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import type { FileIdentity, FilePort, OpenFile, PathKind } from './file-port.ts';

const { O_CREAT, O_EXCL, O_RDWR } = constants;
// Not there on Windows, where a directory of one's own must do.
const NO_FOLLOW = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

function identityOf(stats: Stats): FileIdentity {
  return { device: stats.dev, inode: stats.ino, links: stats.nlink, size: stats.size };
}

function kindOf(stats: Stats | BigIntStats): PathKind['kind'] {
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

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
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
  openFile: async (path) => openFile(await open(path, O_RDWR | NO_FOLLOW)),
  async identity(path) {
    try {
      const stats = await lstat(path);
      const { uid: owner, mode } = stats;
      return { ...identityOf(stats), kind: kindOf(stats), owner, mode: mode & 0o777 };
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw error;
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
