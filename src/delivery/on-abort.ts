import { setMaxListeners } from 'node:events';

const followers = new WeakMap<AbortSignal, Set<() => void>>();

function follow(signal: AbortSignal): Set<() => void> {
  const runs = new Set<() => void>();
  followers.set(signal, runs);
  setMaxListeners(0, signal);
  signal.addEventListener(
    'abort',
    () => {
      for (const run of runs) run();
    },
    { once: true },
  );
  return runs;
}

/**
 * Runs a function when a signal fires, once. All that watch one signal share one listener of it:
 * thousands of requests watch the same one, and adding a listener costs more than a `Set` does.
 *
 * @returns how to take it back
 */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  const runs = followers.get(signal) ?? follow(signal);
  runs.add(run);
  return () => {
    runs.delete(run);
  };
}
