/** Counts work that is under way. */
export interface InFlight {
  /** A piece of work begins; gives what `ended` must be told. */
  begun(): number;
  ended(stage: number): void;
  /** Resolves when everything that is under way now has ended. */
  settled(): Promise<void>;
}

interface Waiter {
  readonly stage: number;
  readonly resolve: () => void;
}

/**
 * Makes an empty count. Work is counted by stages, a new one from each `settled` on, so that who
 * waits need not wait for what began after, and a piece of work costs two additions.
 */
export function createInFlight(): InFlight {
  const open = new Map<number, number>();
  let stage = 0;
  let waiting: Waiter[] = [];

  function resolveWaiting(): void {
    const oldest = Math.min(...open.keys());
    const over = waiting.filter((waiter) => waiter.stage < oldest);
    waiting = waiting.filter((waiter) => waiter.stage >= oldest);
    for (const { resolve } of over) resolve();
  }

  return {
    begun() {
      open.set(stage, (open.get(stage) ?? 0) + 1);
      return stage;
    },
    ended(of) {
      const left = (open.get(of) ?? 0) - 1;
      if (left > 0) open.set(of, left);
      else {
        open.delete(of);
        if (waiting.length > 0) resolveWaiting();
      }
    },
    settled() {
      if (open.size === 0) return Promise.resolve();
      const until = stage;
      stage += 1;
      return new Promise((resolve) => {
        waiting.push({ stage: until, resolve });
      });
    },
  };
}
