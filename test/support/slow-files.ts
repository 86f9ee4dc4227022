import type { FilePort, OpenFile } from '../../src/spool/files.ts';

/** A file system whose syncs take a while, and that counts what would block. */
export interface SlowFiles extends FilePort {
  /** Syncs of files so far. */
  syncs(): number;
  /** Calls that block the event loop so far. */
  blockingCalls(): number;
}

/** Makes every sync of a file take so many ms more, without blocking. */
export function slowFiles(files: FilePort, ms: number): SlowFiles {
  let syncs = 0;
  let blocking = 0;
  const slow = (file: OpenFile): OpenFile => ({
    ...file,
    async sync() {
      syncs += 1;
      await file.sync();
      await new Promise((resolve) => setTimeout(resolve, ms));
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
