/** Time between two doublings, ms. */
const STEP_MS = 200;

/**
 * How many requests may be under way so long after traffic began again: 1, 2, 4, … up to `max`.
 * A ledger that has just come back meets a backlog step by step and not all at once.
 */
export function slowStartLimit(elapsedMs: number, max: number): number {
  const steps = Math.floor(Math.max(elapsedMs, 0) / STEP_MS);
  return steps >= 31 ? max : Math.min(max, 2 ** steps);
}

/** Milliseconds until the limit rises; 0 when it is at its highest. */
export function nextStepMs(elapsedMs: number, max: number): number {
  if (slowStartLimit(elapsedMs, max) >= max) return 0;
  return STEP_MS - (Math.max(elapsedMs, 0) % STEP_MS);
}
