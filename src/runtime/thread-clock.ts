import process from 'node:process';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';

/** Monotonic ms that all threads of a process read alike. */
function processNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

/** Where the monotonic clock of this thread stands on that of the process, ms. */
export function clockOffsetMs(clock: Clock): number {
  return processNow() - clock.now();
}

/**
 * The clock of the machine as another thread reads it, so that a deadline means the same in both:
 * by itself, each thread counts from its own start.
 */
export function clockAt(offsetMs: number): Clock {
  const shiftMs = clockOffsetMs(systemClock) - offsetMs;
  return { ...systemClock, now: () => systemClock.now() + shiftMs };
}
