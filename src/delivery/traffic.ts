import type { RetryPolicy } from '../config/resolve.ts';
import type { AttemptOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import { backoffMs } from './answer.ts';

/** Other events that are tried at once, to tell a ledger in trouble from one bad event. */
const TRIES = 5;
/** Wait before each of them, ms. */
export const TRY_EVERY_MS = 200;

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

/** Failures in a row that are an outage where nearly all goes well, and in any case. */
const IN_A_ROW = { least: TRIES, most: 64 };
/** What chance does so seldom is an outage. */
const BY_CHANCE = 0.01;
/** Weight of one event in the share of those that go well. */
const WEIGHT = 1 / 8;

/**
 * How events go that are sent for the first time. Where many are bad for what is in them, a few
 * failures in a row say nothing of the ledger.
 */
export interface Run {
  /** Share of those that went well, up to the last that did. */
  readonly share: number;
  /** Failures since. */
  readonly inARow: number;
}

/** Nothing has failed yet. */
export const GOING_WELL: Run = { share: 1, inARow: 0 };

/** The run after one more event. */
export function afterFirst({ share, inARow }: Run, well: boolean): Run {
  if (!well) return { share, inARow: inARow + 1 };
  const before = share * (1 - WEIGHT) ** inARow;
  const now = before + (1 - before) * WEIGHT;
  return now > 0.999 ? GOING_WELL : { share: now, inARow: 0 };
}

/** Whether so many have failed in a row that the ledger itself must be the cause. */
export function isOutage({ share, inARow }: Run): boolean {
  return inARow >= triesBeforeDoubt({ share, inARow });
}

/** How many must fail in a row, that chance does not do it. */
export function triesBeforeDoubt({ share }: Run): number {
  const byChance = share === 1 ? 0 : Math.log(BY_CHANCE) / Math.log(1 - share);
  return Math.min(Math.max(Math.ceil(byChance), IN_A_ROW.least), IN_A_ROW.most);
}

/**
 * Whether the ledger is worth a request.
 *
 * - `closed`: it answers.
 * - `open`: it does not; nothing is sent before `probeAt`.
 * - `half_open`: one event is under way to find out.
 */
export type BreakerState =
  | { readonly kind: 'closed'; readonly run: Run }
  | {
      readonly kind: 'open';
      readonly run: Run;
      readonly probeAt: number;
      readonly probes: number;
    }
  | { readonly kind: 'half_open'; readonly run: Run; readonly probes: number };

/** What the next state is computed from, besides the outcome. */
export interface BreakerContext {
  /** Monotonic clock, ms. */
  readonly now: number;
  /** A number in [0, 1). */
  readonly random: number;
  readonly policy: RetryPolicy;
}

/** A breaker that has seen nothing yet. */
export const CLOSED: BreakerState = { kind: 'closed', run: GOING_WELL };

// The first probes come at once, each with another event: perhaps only some events are bad.
function opened(run: Run, probes: number, { now, random, policy }: BreakerContext): BreakerState {
  const waitMs = probes < TRIES ? TRY_EVERY_MS : backoffMs(policy, probes - TRIES, random);
  return { kind: 'open', run, probes, probeAt: now + waitMs };
}

/** The state after a request that the ledger answered, whatever it said. */
export function afterSuccess(state: BreakerState): BreakerState {
  // An answer to a request of before the outage proves nothing about now; the probe does.
  if (state.kind === 'open') return state;
  return { kind: 'closed', run: afterFirst(state.run, true) };
}

/** The state after a request that may be repeated: no answer, or one of a server in trouble. */
export function afterFailure(state: BreakerState, context: BreakerContext): BreakerState {
  if (state.kind === 'open') return state;
  const run = afterFirst(state.run, false);
  if (state.kind === 'half_open') return opened(run, state.probes + 1, context);
  return isOutage(run) ? opened(run, 0, context) : { kind: 'closed', run };
}

/** The state while the probe is under way. */
export function whileHalfOpen(state: BreakerState): BreakerState {
  const { run } = state;
  return state.kind === 'open' ? { kind: 'half_open', run, probes: state.probes } : state;
}

/** The state after a probe that showed nothing: it was ended before an answer. */
export function afterNothing(state: BreakerState, { now }: BreakerContext): BreakerState {
  if (state.kind !== 'half_open') return state;
  return { kind: 'open', run: state.run, probes: state.probes, probeAt: now };
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

/** Whether anything may be sent at all, as the last answers say. */
export interface Gate {
  /**
   * When a send would not be refused, ms; `undefined` while traffic flows.
   *
   * @param fresh - whether that of an event that was never sent
   */
  opensAt(fresh: boolean): number | undefined;
  /** Whether only one event may be to blame. */
  inDoubt(): boolean;
  /** How many of at most so many requests may be under way. */
  window(most: number): number;
}

/** What decides besides the outcomes. */
export interface TrafficDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly policy: RetryPolicy;
  readonly concurrency: number;
  readonly diagnostics: Diagnostics;
  readonly halting: Gate;
}

/** Decides how many requests of a drain may be under way: breaker, halt and slow start in one. */
export class Traffic {
  readonly #deps: TrafficDeps;
  #breaker: BreakerState = CLOSED;
  #slowSince = -Infinity;
  #stopped = false;

  /** Everything may pass until outcomes say otherwise. */
  constructor(deps: TrafficDeps) {
    this.#deps = deps;
  }

  get breaker(): BreakerState['kind'] {
    return this.#breaker.kind;
  }

  /** Whether traffic stands, or one event is finding out if it may flow. */
  get stands(): boolean {
    return this.#deps.halting.opensAt(true) !== undefined || this.#breaker.kind !== 'closed';
  }

  /** @param fresh - whether an event waits that was never sent */
  admission(underWay: number, fresh: boolean): Admission {
    const now = this.#deps.clock.now();
    const halted = this.#deps.halting.opensAt(fresh);
    if (halted !== undefined) {
      // For one bad event nobody begins slowly again.
      this.#stopped ||= !this.#deps.halting.inDoubt();
      return probeAt(halted, now);
    }
    if (this.#breaker.kind === 'open') {
      this.#stopped = true;
      return probeAt(this.#breaker.probeAt, now);
    }
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
    } else this.#become(afterSuccess(before));
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

  #upTo(underWay: number, now: number): Admission {
    if (this.#stopped) {
      this.#stopped = false;
      this.#slowSince = now;
    }
    const elapsed = now - this.#slowSince;
    const { concurrency, halting } = this.#deps;
    const window = halting.window(concurrency);
    if (underWay < slowStartLimit(elapsed, window)) return GO;
    const ms = nextStepMs(elapsed, window);
    return ms === 0 ? WAIT_FOR_AN_EVENT : { kind: 'wait', ms };
  }
}

/** Waits for a time, then one request may find out. */
function probeAt(at: number, now: number): Admission {
  if (now >= at) return PROBE;
  return at === Infinity ? WAIT_FOR_AN_EVENT : { kind: 'wait', ms: at - now };
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
