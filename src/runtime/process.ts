import { readFileSync, statSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Chance as the rest of the package sees it; tests bring their own. */
export interface Ids {
  /** A new id that no other process makes: a random UUID (RFC 9562, version 4). */
  readonly newId: () => string;
  /** A secret that nobody else has: 72 characters, 244 random bits. */
  readonly newSecret: () => string;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** Chance of the machine. */
export const systemIds: Ids = {
  newId: () => crypto.randomUUID(),
  newSecret: () => crypto.randomUUID() + crypto.randomUUID(),
  random: () => Math.random(),
};

/** The file that this code runs from; that of the program where a bundler made it unknown. */
export function ownFile(): string {
  try {
    return fileURLToPath(import.meta.url);
  } catch {
    return process.argv[1] ?? process.cwd();
  }
}

/**
 * What is in a file that a person wrote. A pipe or a device is not opened: reading it might never
 * end.
 *
 * @throws what Node throws where the file cannot be read
 */
export function readSmallFile(
  path: string,
  maxBytes: number,
): Uint8Array | 'not a file' | 'too long' {
  const found = statSync(path);
  if (!found.isFile()) return 'not a file';
  return found.size > maxBytes ? 'too long' : readFileSync(path);
}

/**
 * Whether a thread with nothing left to do is told so (`beforeExit`), and may go on: Deno ends it
 * without a word.
 */
export const THREADS_ARE_TOLD_THEIR_END: boolean = !('Deno' in globalThis);

const registered = new Set<() => void>();

function runAll(): void {
  for (const run of registered) {
    try {
      run();
    } catch {
      // Nothing may keep the others from running, and nobody is left to be told.
    }
  }
}

/**
 * Runs a synchronous function when the process exits, also by `process.exit()`; not when it is
 * killed. One listener serves all, so that many clients are no warning of Node's.
 *
 * @returns how to take it back
 */
export function onProcessExit(run: () => void): () => void {
  if (registered.size === 0) process.on('exit', runAll);
  registered.add(run);
  return () => {
    registered.delete(run);
    if (registered.size === 0) process.off('exit', runAll);
  };
}
