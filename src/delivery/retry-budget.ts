/** Repetitions that one first attempt pays for. */
const PER_ATTEMPT = 0.1;
/** Repetitions per second that are free, so that a quiet service repeats too. */
const PER_SECOND = 1;
/** Most repetitions that can be saved up. */
const CAPACITY = 100;

/** Bounds repetitions over all events of a client: an outage must not double its own load. */
export interface RetryBudget {
  /** A first attempt was made. */
  attempted(): void;
  /** Takes the right to one repetition; `false` when there is none now. */
  take(now: number): boolean;
  /** Milliseconds until there is one. */
  waitMs(now: number): number;
}

/** Makes a budget with a second's worth in it; times are of the monotonic clock, in ms. */
export function createRetryBudget(startedAt: number): RetryBudget {
  let tokens = PER_SECOND;
  let filledAt = startedAt;

  function fill(now: number): void {
    tokens = Math.min(CAPACITY, tokens + ((now - filledAt) / 1_000) * PER_SECOND);
    filledAt = now;
  }

  return {
    attempted() {
      tokens = Math.min(CAPACITY, tokens + PER_ATTEMPT);
    },
    take(now) {
      fill(now);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    waitMs(now) {
      fill(now);
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / PER_SECOND) * 1_000);
    },
  };
}
