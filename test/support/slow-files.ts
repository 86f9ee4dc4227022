import type { FilePort, OpenFile } from '../../src/spool/files.ts';

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A file system whose syncs take a while, and that counts what would block. */
export interface SlowFiles extends FilePort {
  /** Syncs of files so far. */
  syncs(): number;
  /** Calls that block the event loop so far. */
  blockingCalls(): number;
}

/** Makes every sync of a file take so many turns of the event loop more, without blocking. */
export function slowFiles(files: FilePort, turns: number): SlowFiles {
  let syncs = 0;
  let blocking = 0;
  const slow = (file: OpenFile): OpenFile => ({
    ...file,
    async sync() {
      syncs += 1;
      await file.sync();
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    },
  });
  return {
    ...files,
    createFile: async (path) => slow(await files.createFile(path)),
    openFile: async (path) => slow(await files.openFile(path)),
    identityNow(path) {
      blocking += 1;
      return files.identityNow(path);
    },
    createFileNow(path, bytes) {
      blocking += 1;
      files.createFileNow(path, bytes);
    },
    syncs: () => syncs,
    blockingCalls: () => blocking,
  };
}
