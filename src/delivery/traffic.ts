import type { RetryPolicy } from '../config/resolve.ts';
import type { AttemptOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import { backoffMs } from './answer.ts';
import { TRIES, TRY_EVERY_MS } from './halt.ts';

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

// The first probes come at once, each with another event: perhaps only some events are bad.
function opened(probes: number, { now, random, policy }: BreakerContext): BreakerState {
  const waitMs = probes < TRIES ? TRY_EVERY_MS : backoffMs(policy, probes - TRIES, random);
  return { kind: 'open', probes, probeAt: now + waitMs };
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

/** Whether one more request may begin. */
export type Admission =
  | { readonly kind: 'go' }
  /** As the only one, to see whether the ledger is back. */
  | { readonly kind: 'probe' }
  /** Not before so many ms; `undefined`: something else has to happen first. */
  | { readonly kind: 'wait'; readonly ms: number | undefined };

const WAIT_FOR_AN_EVENT: Admission = { kind: 'wait', ms: undefined };
const GO: Admission = { kind: 'go' };
const PROBE: Admission = { kind: 'probe' };

/** What decides besides the outcomes. */
export interface TrafficDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly policy: RetryPolicy;
  readonly concurrency: number;
  readonly diagnostics: Diagnostics;
  /** See `HaltingTransport.opensAt`. */
  readonly opensAt: () => number | undefined;
}

/** Decides how many requests of a drain may be under way: breaker, halt and slow start in one. */
export class Traffic {
  readonly #deps: TrafficDeps;
  #breaker: BreakerState;
  #slowSince = -Infinity;
  #stopped = false;

  /** Everything may pass until outcomes say otherwise. */
  constructor(deps: TrafficDeps) {
    this.#deps = deps;
    this.#breaker = closedBreaker(deps.clock.now());
  }

  get breaker(): BreakerState['kind'] {
    return this.#breaker.kind;
  }

  /** Whether traffic stands, or one event is finding out if it may flow. */
  get stands(): boolean {
    return this.#deps.opensAt() !== undefined || this.#breaker.kind !== 'closed';
  }

  admission(underWay: number): Admission {
    const now = this.#deps.clock.now();
    const halted = this.#deps.opensAt();
    if (halted !== undefined) return this.#probeAt(halted, now);
    if (this.#breaker.kind === 'open') return this.#probeAt(this.#breaker.probeAt, now);
    if (this.#breaker.kind === 'half_open') return WAIT_FOR_AN_EVENT;
    return this.#upTo(underWay, now);
  }

  /** A probe is under way. */
  probing(): void {
    this.#become(whileHalfOpen(this.#breaker));
  }

  /**
   * Gives whether the ledger has just come back.
   *
   * @param first - whether the event was never tried before: what fails again and again says
   *   something of itself and not of the ledger
   */
  ended(outcome: AttemptOutcome, first: boolean): boolean {
    const { clock, random, policy } = this.#deps;
    const context = { now: clock.now(), random: random(), policy };
    const before = this.#breaker;
    if (outcome.kind === 'dropped') this.#become(afterNothing(before, context));
    else if (outcome.kind === 'retryable' && !outcome.once) {
      if (first || before.kind === 'half_open') this.#become(afterFailure(before, context));
    } else this.#become(afterSuccess(before, context));
    return before.kind === 'half_open' && this.#breaker.kind === 'closed';
  }

  /** A probe may be made at once. */
  hurry(): void {
    if (this.#breaker.kind !== 'open') return;
    this.#breaker = { ...this.#breaker, probeAt: this.#deps.clock.now() };
  }

  /** From now on the limit rises from one: there is a backlog. */
  startSlowly(): void {
    this.#slowSince = this.#deps.clock.now();
  }

  #become(next: BreakerState): void {
    const before = this.#breaker.kind;
    this.#breaker = next;
    if (before === 'closed' && next.kind === 'open') {
      this.#deps.diagnostics.report({ code: 'ledger_unreachable' });
    } else if (before === 'half_open' && next.kind === 'closed') {
      this.#deps.diagnostics.report({ code: 'ledger_back' });
    }
  }

  /** Waits for a time, then one request may find out. */
  #probeAt(at: number, now: number): Admission {
    this.#stopped = true;
    if (now >= at) return PROBE;
    return at === Infinity ? WAIT_FOR_AN_EVENT : { kind: 'wait', ms: at - now };
  }

  #upTo(underWay: number, now: number): Admission {
    if (this.#stopped) {
      this.#stopped = false;
      this.#slowSince = now;
    }
    const elapsed = now - this.#slowSince;
    const { concurrency } = this.#deps;
    if (underWay < slowStartLimit(elapsed, concurrency)) return GO;
    const ms = nextStepMs(elapsed, concurrency);
    return ms === 0 ? WAIT_FOR_AN_EVENT : { kind: 'wait', ms };
  }
}

/** Repetitions that one first attempt pays for. */
const PER_ATTEMPT = 0.1;
/** Repetitions per second that are free, so that a quiet service repeats too. */
const PER_SECOND = 1;
/** Most repetitions that can be saved up. */
const CAPACITY = 100;

/**
 * Bounds repetitions over all events of a client: an outage must not double its own load. Times
 * are of the monotonic clock, in ms.
 */
export class RetryBudget {
  // A second's worth.
  #tokens = PER_SECOND;
  #filledAt: number;

  constructor(startedAt: number) {
    this.#filledAt = startedAt;
  }

  /** A first attempt was made. */
  attempted(): void {
    this.#tokens = Math.min(CAPACITY, this.#tokens + PER_ATTEMPT);
  }

  /** Takes the right to one repetition; `false` when there is none now. */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until there is one. */
  waitMs(now: number): number {
    this.#fill(now);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / PER_SECOND) * 1_000);
  }

  #fill(now: number): void {
    this.#tokens = Math.min(CAPACITY, this.#tokens + ((now - this.#filledAt) / 1_000) * PER_SECOND);
    this.#filledAt = now;
  }
}
