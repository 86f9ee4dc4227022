import type { FilePort, OpenFile } from '../../src/spool/files.ts';

/** A file system whose operations may get no answer. */
export interface HangingFiles extends FilePort {
  /** Operations of these names get no answer from now on. */
  hang(...operations: readonly string[]): void;
  /** The disk is back: what waits for an answer is done. */
  answer(): void;
}

/** Makes one that answers, over another file system. */
export function hangingFiles(files: FilePort): HangingFiles {
  let hung: ReadonlySet<string> = new Set();
  let waiting: (() => void)[] = [];

  async function pass<T>(operation: string, work: () => Promise<T>): Promise<T> {
    if (hung.has(operation)) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    return work();
  }

  function opened(file: OpenFile): OpenFile {
    return {
      write: (bytes, position) => pass('write', () => file.write(bytes, position)),
      read: (into, position) => pass('read', () => file.read(into, position)),
      truncate: (size) => pass('truncate', () => file.truncate(size)),
      sync: () => pass('sync', () => file.sync()),
      identity: () => pass('identity', () => file.identity()),
      close: () => pass('close', () => file.close()),
    };
  }

  return {
    ...files,
    hang(...operations) {
      hung = new Set(operations);
    },
    answer() {
      hung = new Set();
      const back = waiting;
      waiting = [];
      for (const each of back) each();
    },
    makeDirectory: (path) => pass('mkdir', () => files.makeDirectory(path)),
    list: (path) => pass('list', () => files.list(path)),
    syncDirectory: (path) => pass('syncdir', () => files.syncDirectory(path)),
    createFile: (path) => pass('create', async () => opened(await files.createFile(path))),
    openFile: (path) => pass('open', async () => opened(await files.openFile(path))),
    identity: (path) => pass('identity', () => files.identity(path)),
    rename: (from, to) => pass('rename', () => files.rename(from, to)),
    unlink: (path) => pass('unlink', () => files.unlink(path)),
    removeDirectory: (path) => pass('rmdir', () => files.removeDirectory(path)),
    space: (path) => pass('space', () => files.space(path)),
  };
}
