/** Work that is under way. */
export interface InFlight {
  /** Remembers a piece of work, which never rejects, until it ends. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when everything that is under way now has ended. */
  settled(): Promise<void>;
  size(): number;
}

/** Makes an empty set. */
export function createInFlight(): InFlight {
  const running = new Set<Promise<unknown>>();
  return {
    track(work) {
      running.add(work);
      void work.finally(() => running.delete(work));
      return work;
    },
    async settled() {
      await Promise.all(running);
    },
    size: () => running.size,
  };
}
