import type { AttemptOf, AttemptOutcome, Failure, HaltCause } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import { MAX_RETRY_AFTER_MS } from './answer.ts';
import type { OnEnd, PendingEvent, Transport } from './delivery.ts';

/** First and longest wait between two probes of a wrong configuration, in ms. */
export const PROBE_MS: { readonly first: number; readonly longest: number } = {
  first: 30_000,
  longest: MAX_RETRY_AFTER_MS,
};

// A throttle of zero seconds would be no throttle, and the refused request is never repeated.
const SHORTEST_THROTTLE_MS = 1_000;

/**
 * Whether traffic flows.
 *
 * - `open`: everything is sent.
 * - `halted`: nothing is sent before `probeAt` (never, when infinite); then one event is, to see.
 * - `throttled`: as `halted`, but at `until` traffic flows again by itself.
 */
export type HaltState =
  | { readonly kind: 'open' }
  | { readonly kind: 'throttled'; readonly until: number; readonly failure: Failure }
  | {
      readonly kind: 'halted';
      readonly cause: HaltCause;
      readonly failure: Failure;
      readonly probeAt: number;
      /** Wait before the next probe, should this one fail; in ms. */
      readonly probeEveryMs: number;
      readonly probing: boolean;
    };

/** Traffic flows. */
export const OPEN: HaltState = { kind: 'open' };

/** Whether an event may be sent now, and whether it is the one that probes. */
export function admission(state: HaltState, now: number): 'send' | 'probe' | 'refuse' {
  switch (state.kind) {
    case 'open':
      return 'send';
    case 'throttled':
      return now >= state.until ? 'send' : 'refuse';
    case 'halted':
      return !state.probing && now >= state.probeAt ? 'probe' : 'refuse';
  }
}

/**
 * When traffic may be tried again, on the monotonic clock (ms): `undefined` while it flows,
 * infinite while a probe is under way or only a person can release it.
 */
export function opensAt(state: HaltState, now: number): number | undefined {
  switch (state.kind) {
    case 'open':
      return undefined;
    case 'throttled':
      return now >= state.until ? undefined : state.until;
    case 'halted':
      return state.probing ? Infinity : state.probeAt;
  }
}

/** The state while a probe is under way: nothing else is sent. */
export function whileProbing(state: HaltState): HaltState {
  return state.kind === 'halted' ? { ...state, probing: true } : state;
}

function afterQuota(
  { failure, retryAfterMs }: AttemptOf<'quota'>,
  { now, quotaProbeMs }: OutcomeContext,
): HaltState {
  if (retryAfterMs !== undefined && retryAfterMs <= MAX_RETRY_AFTER_MS) {
    return {
      kind: 'throttled',
      until: now + Math.max(retryAfterMs, SHORTEST_THROTTLE_MS),
      failure,
    };
  }
  const probeEveryMs = quotaProbeMs === 0 ? Infinity : quotaProbeMs;
  const probeAt = now + probeEveryMs;
  return { kind: 'halted', cause: 'quota', failure, probeAt, probeEveryMs, probing: false };
}

function afterMisconfigured(
  state: HaltState,
  failure: Failure,
  { now, probe }: OutcomeContext,
): HaltState {
  // Requests in flight are refused together: only a probe makes the wait longer, and a used-up
  // quota is not forgotten over an answer to a request that was sent before.
  if (state.kind === 'halted' && !probe) return state;
  const again = state.kind === 'halted' && state.cause === 'misconfigured';
  const probeEveryMs = again ? Math.min(state.probeEveryMs * 2, PROBE_MS.longest) : PROBE_MS.first;
  const probeAt = now + probeEveryMs;
  return { kind: 'halted', cause: 'misconfigured', failure, probeAt, probeEveryMs, probing: false };
}

/** When and how an outcome came about. */
export interface OutcomeContext {
  /** Monotonic clock, ms. */
  readonly now: number;
  /** Whether the send was let through as a probe. */
  readonly probe: boolean;
  /** Wait in ms before a used-up quota is probed; 0 for never. */
  readonly quotaProbeMs: number;
}

// Of the requests that were under way when traffic stopped, none proves that it may flow again.
function afterAnswer(state: HaltState, { now, probe }: OutcomeContext): HaltState {
  const over = state.kind === 'throttled' ? now >= state.until : probe;
  return over ? OPEN : state;
}

// A probe that met a network error showed nothing; the next event probes again.
function afterNoAnswer(state: HaltState, { now, probe }: OutcomeContext): HaltState {
  if (state.kind !== 'halted' || !probe) return state;
  const probeAt = now + Math.min(state.probeEveryMs, PROBE_MS.longest);
  return { ...state, probing: false, probeAt };
}

/** What an outcome makes of the state. */
export function afterOutcome(
  state: HaltState,
  outcome: AttemptOutcome,
  context: OutcomeContext,
): HaltState {
  switch (outcome.kind) {
    case 'quota':
      return afterQuota(outcome, context);
    case 'misconfigured':
      return afterMisconfigured(state, outcome.failure, context);
    case 'accepted':
    case 'rejected':
      return afterAnswer(state, context);
    case 'retryable':
    case 'dropped':
      return afterNoAnswer(state, context);
  }
}

/** A transport whose traffic can be stopped by the ledger and released by hand. */
export interface HaltingTransport extends Transport {
  /** Lets traffic flow again. */
  resume(): void;
  /** Why nothing is sent; `undefined` while traffic flows. */
  halted(): HaltCause | undefined;
  /** When a send would not be refused here, ms; `undefined` when it would not be now. */
  opensAt(): number | undefined;
}

/** What {@link withHalt} needs besides the transport. */
export interface HaltDeps {
  readonly clock: Clock;
  /** Wait in ms before a used-up quota is probed; 0 for never. */
  readonly quotaProbeMs: number;
  readonly diagnostics: Diagnostics;
  /** Called when the ledger refused the configuration, so that the key is asked for again. */
  readonly onMisconfigured: () => void;
}

function refusal(state: HaltState): AttemptOutcome {
  if (state.kind === 'halted' && state.cause === 'misconfigured') {
    return { kind: 'misconfigured', failure: state.failure };
  }
  const failure = state.kind === 'open' ? { detail: 'halted', status: undefined } : state.failure;
  return { kind: 'quota', failure, retryAfterMs: undefined };
}

/**
 * Stops all traffic after an answer that no further request can change: a used-up quota (429)
 * or a wrong configuration. Events that come meanwhile are answered here, without a request.
 *
 * Stands below the retries, so that a send which was waiting for its next attempt when traffic
 * stopped does not make it.
 */
export function withHalt(next: Transport, deps: HaltDeps): HaltingTransport {
  const { clock, quotaProbeMs, diagnostics, onMisconfigured } = deps;
  let state: HaltState = OPEN;
  let probing: PendingEvent | undefined;

  const ended: OnEnd = (event, outcome) => {
    const probe = event === probing;
    if (probe) probing = undefined;
    if (outcome.kind === 'misconfigured') onMisconfigured();
    become(afterOutcome(state, outcome, { now: clock.now(), probe, quotaProbeMs }));
    event.end(outcome);
  };

  function become(following: HaltState): void {
    const before = state.kind;
    state = following;
    if (before === 'open' && following.kind !== 'open') {
      const why = following.kind === 'halted' ? following.cause : 'quota';
      diagnostics.report({ code: 'traffic_halted', why, detail: following.failure.detail });
    } else if (before !== 'open' && following.kind === 'open') {
      diagnostics.report({ code: 'traffic_resumed' });
    }
  }

  return {
    send(event) {
      const admitted = admission(state, clock.now());
      if (admitted === 'refuse') {
        event.end(refusal(state));
        return;
      }
      if (admitted === 'probe') {
        state = whileProbing(state);
        probing = event;
      }
      event.onEnd(ended);
      next.send(event);
    },
    resume() {
      become(OPEN);
    },
    halted() {
      if (state.kind === 'halted') return state.cause;
      return state.kind === 'throttled' && clock.now() < state.until ? 'quota' : undefined;
    },
    opensAt: () => opensAt(state, clock.now()),
  };
}
