import { setMaxListeners } from 'node:events';

/** Wants to know when a signal fires. */
export interface AbortWatcher {
  aborted(): void;
}

const watchersOf = new WeakMap<AbortSignal, Set<AbortWatcher>>();

function watch(signal: AbortSignal): Set<AbortWatcher> {
  const watchers = new Set<AbortWatcher>();
  watchersOf.set(signal, watchers);
  setMaxListeners(0, signal);
  signal.addEventListener(
    'abort',
    () => {
      for (const watcher of watchers) watcher.aborted();
    },
    { once: true },
  );
  return watchers;
}

/**
 * Those that are told when a signal fires; add one, or take it out again. All that watch one
 * signal share one listener of it: thousands of requests watch the same one, and adding a listener
 * costs more than a `Set` does.
 */
export function abortWatchers(signal: AbortSignal): Set<AbortWatcher> {
  return watchersOf.get(signal) ?? watch(signal);
}
