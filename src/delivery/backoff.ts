import type { RetryPolicy } from '../config/resolve.ts';

/**
 * Full-jitter exponential backoff: a random part of `min(maxDelay, initialDelay × 2^retry)`.
 *
 * @param policy - bounds in ms
 * @param retry - which repetition comes next, from 0
 * @param random - a number in [0, 1)
 * @returns how long to wait, in ms
 */
export function backoffMs(policy: RetryPolicy, retry: number, random: number): number {
  return random * Math.min(policy.maxDelayMs, policy.initialDelayMs * 2 ** retry);
}
