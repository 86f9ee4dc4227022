import type { Clock, Hold } from '../runtime/clock.ts';

/** Something that must be over by a time. */
export interface Limited {
  /** On the monotonic clock (ms); it may come nearer while it is being kept. */
  readonly due: number;
  /** Its time is over. It takes itself back. */
  expire(): void;
}

/** Keeps times of which nearly none is reached. */
export interface Deadlines {
  /** Also called again for one whose time came nearer. */
  keep(limited: Limited): void;
  takeBack(limited: Limited): void;
}

/**
 * Makes an empty set with one timer for all of it, set to the nearest time: a timer for each
 * request would be made and cancelled in vain.
 *
 * Meant for as many as there are sockets: each time the timer runs, it looks at all of them.
 */
export function createDeadlines(clock: Clock, hold: Hold): Deadlines {
  const kept = new Set<Limited>();
  let setTo = Infinity;
  let cancel = (): void => {};

  function set(at: number): void {
    cancel();
    setTo = at;
    cancel = clock.after({ ms: at - clock.now(), hold, run: look });
  }

  function look(): void {
    setTo = Infinity;
    const now = clock.now();
    for (const limited of kept) if (limited.due <= now) limited.expire();
    let nearest = Infinity;
    for (const { due } of kept) nearest = Math.min(nearest, due);
    if (nearest < setTo) set(nearest);
  }

  return {
    keep(limited) {
      kept.add(limited);
      if (limited.due < setTo) set(limited.due);
    },
    takeBack(limited) {
      kept.delete(limited);
      if (kept.size > 0) return;
      // Nothing to wait for: the timer must not keep the process alive.
      cancel();
      setTo = Infinity;
    },
  };
}
