/** Somebody's hold on a directory. */
export interface Hold {
  /** Lets go of it. */
  release(): Promise<void>;
}

/**
 * Tells which writers are still there. A wrong answer is safe: a living writer that is taken for
 * dead finds its directory gone at its next commit and writes again elsewhere, and what is sent
 * twice has one key.
 */
export interface Liveness {
  /** Marks a directory as that of a living writer. */
  hold(directory: string): Promise<Hold>;
  /** Whether the writer of a directory is there. */
  isAlive(directory: string): Promise<boolean>;
}
