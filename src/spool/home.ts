import { dirname, join } from 'node:path';
import { makeDurableDirectory } from './directory.ts';
import type { FilePort } from './file-port.ts';
import type { Hold, Liveness } from './liveness.ts';

/** A private directory to write into. */
export interface WriterDirectory {
  readonly writer: string;
  readonly path: string;
}

/** What a home needs. */
export interface HomeDeps {
  readonly files: FilePort;
  readonly liveness: Liveness;
  /** Where the directories of all writers are. */
  readonly writers: string;
  /** A name for a writer that no other has, and that sorts by the time it was made. */
  readonly newWriter: () => string;
}

/** The directory that only this writer writes into. */
export interface Home {
  /** The directory; made on the first call, and anew after it was taken away. */
  open(): Promise<WriterDirectory>;
  /** The writer of the directory, if there is one. */
  readonly writer: string | undefined;
  /** It was taken away by who thought us dead. */
  lost(): void;
  /** Whether a directory is or was one's own. */
  isOwn(writer: string): boolean;
  /** Lets go of all; what is empty is removed. */
  close(): Promise<void>;
}

interface Held extends WriterDirectory {
  readonly hold: Hold;
}

/** Makes a home that is not there yet: nothing is written before the first event. */
export function createHome({ files, liveness, writers, newWriter }: HomeDeps): Home {
  const held: Held[] = [];
  let current: Promise<Held> | undefined;
  let writer: string | undefined;

  async function make(): Promise<Held> {
    await makeDurableDirectory(files, dirname(writers));
    await makeDurableDirectory(files, writers);
    const name = newWriter();
    const path = join(writers, name);
    await makeDurableDirectory(files, path);
    const made = { writer: name, path, hold: await liveness.hold(path) };
    writer = name;
    held.push(made);
    return made;
  }

  return {
    get writer() {
      return writer;
    },
    open() {
      current ??= make().catch((error: unknown) => {
        current = undefined;
        throw error;
      });
      return current;
    },
    lost() {
      current = undefined;
      writer = undefined;
    },
    isOwn: (name) => held.some((each) => each.writer === name),
    async close() {
      for (const { hold, path } of held) {
        await hold.release();
        await files.removeDirectory(path).catch(() => {});
      }
    },
  };
}
