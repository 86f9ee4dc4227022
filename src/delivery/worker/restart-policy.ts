/** Deaths within {@link WITHIN_MS} after which no thread is started any more. */
const MOST_DEATHS = 5;
const WITHIN_MS = 60_000;
const FIRST_WAIT_MS = 50;

/** Decides whether a thread that died is worth another. */
export interface RestartPolicy {
  /**
   * A thread died at this time (ms).
   *
   * @returns how long to wait before the next is started, ms; `undefined`: there is to be none
   */
  died(now: number): number | undefined;
}

/** Makes a policy that has seen no death: each wait is twice the one before. */
export function createRestartPolicy(): RestartPolicy {
  let deaths: readonly number[] = [];
  return {
    died(now) {
      deaths = [...deaths.filter((at) => now - at < WITHIN_MS), now];
      if (deaths.length >= MOST_DEATHS) return undefined;
      return FIRST_WAIT_MS * 2 ** (deaths.length - 1);
    },
  };
}
