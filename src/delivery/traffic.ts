import type { RetryPolicy } from '../config/resolve.ts';
import type { SendOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import type { BreakerState } from './breaker-state.ts';
import {
  afterFailure,
  afterNothing,
  afterSuccess,
  closedBreaker,
  whileHalfOpen,
} from './breaker-state.ts';
import { nextStepMs, slowStartLimit } from './slow-start.ts';

/** Whether one more request may begin. */
export type Admission =
  | { readonly kind: 'go' }
  /** As the only one, to see whether the ledger is back. */
  | { readonly kind: 'probe' }
  /** Not before so many ms; `undefined`: something else has to happen first. */
  | { readonly kind: 'wait'; readonly ms: number | undefined };

/** Decides how many requests of a drain may be under way: breaker, halt and slow start in one. */
export interface Traffic {
  admission(underWay: number): Admission;
  /** A probe is under way. */
  probing(): void;
  /** Gives whether the ledger has just come back. */
  ended(outcome: SendOutcome): boolean;
  /** A probe may be made at once. */
  hurry(): void;
  /** From now on the limit rises from one: there is a backlog. */
  startSlowly(): void;
  breaker(): BreakerState['kind'];
}

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

const WAIT_FOR_AN_EVENT: Admission = { kind: 'wait', ms: undefined };
const GO: Admission = { kind: 'go' };
const PROBE: Admission = { kind: 'probe' };

/** Makes one that lets everything through until outcomes say otherwise. */
export function createTraffic(deps: TrafficDeps): Traffic {
  const { clock, random, policy, concurrency, diagnostics, opensAt } = deps;
  let state = closedBreaker(clock.now());
  let slowSince = -Infinity;
  let stopped = false;

  function become(next: BreakerState): void {
    const before = state.kind;
    state = next;
    if (before === 'closed' && next.kind === 'open') {
      diagnostics.report({ code: 'ledger_unreachable' });
    } else if (before === 'half_open' && next.kind === 'closed') {
      diagnostics.report({ code: 'ledger_back' });
    }
  }

  /** Waits for a time, then one request may find out. */
  function probeAt(at: number, now: number): Admission {
    stopped = true;
    if (now >= at) return PROBE;
    return at === Infinity ? WAIT_FOR_AN_EVENT : { kind: 'wait', ms: at - now };
  }

  function upTo(underWay: number, now: number): Admission {
    if (stopped) {
      stopped = false;
      slowSince = now;
    }
    const elapsed = now - slowSince;
    if (underWay < slowStartLimit(elapsed, concurrency)) return GO;
    const ms = nextStepMs(elapsed, concurrency);
    return ms === 0 ? WAIT_FOR_AN_EVENT : { kind: 'wait', ms };
  }

  return {
    admission(underWay) {
      const now = clock.now();
      const halted = opensAt();
      if (halted !== undefined) return probeAt(halted, now);
      if (state.kind === 'open') return probeAt(state.probeAt, now);
      if (state.kind === 'half_open') return WAIT_FOR_AN_EVENT;
      return upTo(underWay, now);
    },
    probing() {
      become(whileHalfOpen(state));
    },
    ended(outcome) {
      const context = { now: clock.now(), random: random(), policy };
      const probed = state.kind === 'half_open';
      if (outcome.kind === 'dropped') become(afterNothing(state, context));
      else if (outcome.kind === 'retryable' && !outcome.once) become(afterFailure(state, context));
      else become(afterSuccess(state, context));
      return probed && state.kind === 'closed';
    },
    hurry() {
      if (state.kind === 'open') state = { ...state, probeAt: clock.now() };
    },
    startSlowly() {
      slowSince = clock.now();
    },
    breaker: () => state.kind,
  };
}
