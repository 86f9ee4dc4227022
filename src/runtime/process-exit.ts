import process from 'node:process';

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
