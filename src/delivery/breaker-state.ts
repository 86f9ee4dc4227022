import type { RetryPolicy } from '../config/resolve.ts';
import { backoffMs } from './backoff.ts';

/** Failures in a row after which no more requests are made. */
const CONSECUTIVE = 5;
/** Of at least so many outcomes within the window, half may fail. */
const WINDOW_OUTCOMES = 20;
const WINDOW_MS = 10_000;

/**
 * Whether the ledger is worth a request.
 *
 * - `closed`: it answers.
 * - `open`: it does not; nothing is sent before `probeAt`.
 * - `half_open`: one event is under way to find out.
 */
export type BreakerState =
  | {
      readonly kind: 'closed';
      readonly consecutive: number;
      readonly windowStart: number;
      readonly total: number;
      readonly failed: number;
    }
  | { readonly kind: 'open'; readonly probeAt: number; readonly probes: number }
  | { readonly kind: 'half_open'; readonly probes: number };

/** What the next state is computed from, besides the outcome. */
export interface BreakerContext {
  /** Monotonic clock, ms. */
  readonly now: number;
  /** A number in [0, 1). */
  readonly random: number;
  readonly policy: RetryPolicy;
}

/** A breaker that has seen nothing yet. */
export function closedBreaker(now: number): BreakerState {
  return { kind: 'closed', consecutive: 0, windowStart: now, total: 0, failed: 0 };
}

function opened(probes: number, { now, random, policy }: BreakerContext): BreakerState {
  return { kind: 'open', probes, probeAt: now + backoffMs(policy, probes, random) };
}

/** The state after a request that the ledger answered, whatever it said. */
export function afterSuccess(state: BreakerState, { now }: BreakerContext): BreakerState {
  // An answer to a request of before the outage proves nothing about now; the probe does.
  if (state.kind === 'open') return state;
  if (state.kind === 'half_open') return closedBreaker(now);
  const fresh = now - state.windowStart >= WINDOW_MS ? closedBreaker(now) : state;
  return fresh.kind === 'closed' ? { ...fresh, consecutive: 0, total: fresh.total + 1 } : fresh;
}

/** The state after a request that may be repeated: no answer, or one of a server in trouble. */
export function afterFailure(state: BreakerState, context: BreakerContext): BreakerState {
  if (state.kind === 'open') return state;
  if (state.kind === 'half_open') return opened(state.probes + 1, context);
  const stale = context.now - state.windowStart >= WINDOW_MS;
  const base = stale ? { windowStart: context.now, total: 0, failed: 0 } : state;
  const consecutive = state.consecutive + 1;
  const total = base.total + 1;
  const failed = base.failed + 1;
  const storm = total >= WINDOW_OUTCOMES && failed * 2 >= total;
  if (consecutive >= CONSECUTIVE || storm) return opened(0, context);
  return { kind: 'closed', consecutive, windowStart: base.windowStart, total, failed };
}

/** The state while the probe is under way. */
export function whileHalfOpen(state: BreakerState): BreakerState {
  return state.kind === 'open' ? { kind: 'half_open', probes: state.probes } : state;
}

/** The state after a probe that showed nothing: it was ended before an answer. */
export function afterNothing(state: BreakerState, { now }: BreakerContext): BreakerState {
  return state.kind === 'half_open' ? { kind: 'open', probes: state.probes, probeAt: now } : state;
}
