import type { AttemptOf, AttemptOutcome, Failure, HaltCause } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import { MAX_RETRY_AFTER_MS } from './answer.ts';
import type { OnEnd, PendingEvent, Transport } from './delivery.ts';

/** Other events that are tried at once, to tell a wrong configuration from one bad event. */
export const TRIES = 5;
/** Wait before each of them, ms. */
export const TRY_EVERY_MS = 200;
/** First and longest wait between two timed probes of a wrong configuration, in ms. */
export const PROBE_MS: {
  readonly first: number;
  /** Where the key was accepted before. */
  readonly firstAfterSuccess: number;
  readonly longest: number;
} = { first: 30_000, firstAfterSuccess: 1_000, longest: MAX_RETRY_AFTER_MS };

// What a revoked key may cost: so many requests within so many ms. The last of them is kept for the
// second half of that time: who holds events in memory, under a deadline, needs a late one more
// than a third early one.
const FEW = { requests: 8, withinMs: 30_000, lastAfterMs: 15_000 };

// A throttle of zero seconds would be no throttle, and the refused request is never repeated.
const SHORTEST_THROTTLE_MS = 1_000;

/**
 * Whether traffic flows.
 *
 * - `open`: everything is sent.
 * - `throttled`: nothing is sent before `until`; then traffic flows again by itself.
 * - `exhausted`: the quota is used up; nothing is sent before `probeAt` (never, when infinite).
 * - `refused`: an answer says that the configuration is wrong, or an event was refused for what is
 *   in it. Other events find out, one at a time: while `tries` are left at once, then by the clock.
 */
export type HaltState =
  | { readonly kind: 'open' }
  | { readonly kind: 'throttled'; readonly until: number; readonly failure: Failure }
  | {
      readonly kind: 'exhausted';
      readonly failure: Failure;
      readonly probeAt: number;
      readonly probeEveryMs: number;
      readonly probing: boolean;
    }
  | {
      readonly kind: 'refused';
      readonly failure: Failure;
      readonly since: number;
      /** Requests refused since then, those included that were in flight. */
      readonly requests: number;
      readonly tries: number;
      /** Probes made by the clock. */
      readonly timed: number;
      readonly probeAt: number;
      /** Wait before the next timed probe, should the tries or this probe fail; in ms. */
      readonly probeEveryMs: number;
      readonly probing: boolean;
    };

type Refused = Extract<HaltState, { readonly kind: 'refused' }>;

/** Traffic flows. */
export const OPEN: HaltState = { kind: 'open' };

/** Whether an event may be sent now, and whether it is the one that probes. */
export function admission(state: HaltState, now: number): 'send' | 'probe' | 'refuse' {
  switch (state.kind) {
    case 'open':
      return 'send';
    case 'throttled':
      return now >= state.until ? 'send' : 'refuse';
    case 'exhausted':
    case 'refused':
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
    case 'exhausted':
    case 'refused':
      return state.probing ? Infinity : state.probeAt;
  }
}

/** Why traffic stands; `undefined` while it flows, or while other events are tried at once. */
export function haltCause(state: HaltState, now: number): HaltCause | undefined {
  switch (state.kind) {
    case 'open':
      return undefined;
    case 'throttled':
      return now < state.until ? 'quota' : undefined;
    case 'exhausted':
      return 'quota';
    case 'refused':
      return state.tries === 0 ? 'misconfigured' : undefined;
  }
}

/** The state while a probe is under way: nothing else is sent. */
export function whileProbing(state: HaltState): HaltState {
  const halted = state.kind === 'exhausted' || state.kind === 'refused';
  return halted ? { ...state, probing: true } : state;
}

/** When and how an outcome came about. */
export interface OutcomeContext {
  /** Monotonic clock, ms. */
  readonly now: number;
  /** Whether the send was let through as a probe. */
  readonly probe: boolean;
  /** Whether the ledger has taken any event before. */
  readonly acceptedBefore: boolean;
  /** Wait in ms before a used-up quota is probed; 0 for never. */
  readonly quotaProbeMs: number;
}

function afterQuota(
  { failure, retryAfterMs }: AttemptOf<'quota'>,
  { now, quotaProbeMs }: OutcomeContext,
): HaltState {
  if (retryAfterMs !== undefined && retryAfterMs <= MAX_RETRY_AFTER_MS) {
    const until = now + Math.max(retryAfterMs, SHORTEST_THROTTLE_MS);
    return { kind: 'throttled', until, failure };
  }
  const probeEveryMs = quotaProbeMs === 0 ? Infinity : quotaProbeMs;
  return { kind: 'exhausted', failure, probeAt: now + probeEveryMs, probeEveryMs, probing: false };
}

function afterMisconfigured(
  state: HaltState,
  failure: Failure,
  context: OutcomeContext,
): HaltState {
  const { now, probe, acceptedBefore } = context;
  // Requests in flight are refused together: a used-up quota is not forgotten over the answer to
  // one that was sent before.
  if (state.kind === 'exhausted' && !probe) return state;
  if (state.kind === 'refused') return afterTry({ ...state, failure }, context);
  // Without a status, no request was answered: that cannot be for what is in one event.
  const tries = failure.status === undefined ? 0 : TRIES;
  const probeEveryMs = acceptedBefore ? PROBE_MS.firstAfterSuccess : PROBE_MS.first;
  const probeAt = now + (tries > 0 ? TRY_EVERY_MS : probeEveryMs);
  return {
    kind: 'refused',
    failure,
    since: now,
    requests: 1,
    tries,
    timed: 0,
    probeAt,
    probeEveryMs,
    probing: false,
  };
}

/** One more request showed nothing better: the next comes later, at last by the clock. */
function afterTry(state: Refused, { now, probe }: OutcomeContext): HaltState {
  const requests = state.requests + 1;
  const tries = Math.max(state.tries - 1, 0);
  const probing = state.probing && !probe;
  // What was in flight uses the tries up; only a timed probe makes the wait longer.
  if (tries > 0) {
    const probeAt = probe ? now + TRY_EVERY_MS : state.probeAt;
    return { ...state, requests, tries, probeAt, probing };
  }
  const byClock = state.tries === 0;
  if (byClock && !probe) return { ...state, requests };
  const timed = state.timed + (byClock ? 1 : 0);
  const doubled = Math.min(state.probeEveryMs * 2, PROBE_MS.longest);
  const probeEveryMs = byClock ? doubled : state.probeEveryMs;
  const probeAt = Math.max(now + probeEveryMs, state.since + fewUntilMs(requests, timed));
  return { ...state, requests, tries, timed, probeAt, probeEveryMs, probing };
}

/** How long after the first refusal the next timed probe comes at the earliest, ms. */
function fewUntilMs(requests: number, timed: number): number {
  if (timed === 0 || requests + 1 < FEW.requests) return 0;
  return timed === 1 ? FEW.lastAfterMs : FEW.withinMs;
}

// Of the requests that were under way when traffic stopped, none proves that it may flow again.
function afterAccepted(state: HaltState, { now, probe }: OutcomeContext): HaltState {
  const over = state.kind === 'throttled' ? now >= state.until : probe;
  return over ? OPEN : state;
}

// What is in an event can be refused by the ledger and by what stands before it: only a used-up
// quota is disproved by that.
function afterRejected(state: HaltState, context: OutcomeContext): HaltState {
  if (state.kind === 'refused') return context.probe ? afterTry(state, context) : state;
  return afterAccepted(state, context);
}

// A probe that met a network error showed nothing; another event probes again.
function afterNoAnswer(state: HaltState, context: OutcomeContext): HaltState {
  if (!context.probe) return state;
  if (state.kind === 'refused') return afterTry(state, context);
  if (state.kind !== 'exhausted') return state;
  const probeAt = context.now + Math.min(state.probeEveryMs, PROBE_MS.longest);
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
      return afterAccepted(state, context);
    case 'rejected':
      return afterRejected(state, context);
    case 'retryable':
    case 'dropped':
      return afterNoAnswer(state, context);
  }
}

/** A transport whose traffic can be stopped by the ledger and released by hand. */
export interface HaltingTransport extends Transport {
  /** Lets traffic flow again. */
  resume(): void;
  /** Why nothing is sent; `undefined` while traffic flows, or while other events are tried. */
  halted(): HaltCause | undefined;
  /** When a send would not be refused here, ms; `undefined` when it would not be now. */
  opensAt(): number | undefined;
  /** How a send would be refused now; `undefined` while traffic flows. */
  refusal(): AttemptOutcome | undefined;
  /** Events that the ledger has taken. */
  acceptances(): number;
  /** Has it called whenever traffic stops, flows again, or a probe has ended. */
  onChange(told: () => void): void;
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

/**
 * Stops all traffic after an answer that no further request can change: a used-up quota (429)
 * or a wrong configuration. Events that come meanwhile are answered here, without a request.
 *
 * A firewall may refuse one event for what is in it, with the very answer that a wrong key gets.
 * The audit trail must not end there, so after such an answer a few other events are tried, one at a
 * time; the first that is accepted lets traffic flow again.
 *
 * Stands below the retries, so that a send which was waiting for its next attempt when traffic
 * stopped does not make it.
 */
export function withHalt(next: Transport, deps: HaltDeps): HaltingTransport {
  return new Halt(next, deps);
}

class Halt implements HaltingTransport {
  readonly #next: Transport;
  readonly #deps: HaltDeps;
  readonly #told: (() => void)[] = [];
  #state: HaltState = OPEN;
  #probing: PendingEvent | undefined;
  #acceptances = 0;
  #reported = false;

  constructor(next: Transport, deps: HaltDeps) {
    this.#next = next;
    this.#deps = deps;
  }

  send(event: PendingEvent): void {
    const admitted = admission(this.#state, this.#deps.clock.now());
    if (admitted === 'refuse') {
      event.end(refusal(this.#state));
      return;
    }
    if (admitted === 'probe') {
      this.#state = whileProbing(this.#state);
      this.#probing = event;
    }
    event.onEnd(this.#ended);
    this.#next.send(event);
  }

  resume(): void {
    this.#become(OPEN);
  }

  halted(): HaltCause | undefined {
    return haltCause(this.#state, this.#deps.clock.now());
  }

  opensAt(): number | undefined {
    return opensAt(this.#state, this.#deps.clock.now());
  }

  refusal(): AttemptOutcome | undefined {
    return this.opensAt() === undefined ? undefined : refusal(this.#state);
  }

  acceptances(): number {
    return this.#acceptances;
  }

  onChange(told: () => void): void {
    this.#told.push(told);
  }

  readonly #ended: OnEnd = (event, outcome) => {
    const { clock, quotaProbeMs, onMisconfigured } = this.#deps;
    const probe = event === this.#probing;
    if (probe) this.#probing = undefined;
    const acceptedBefore = this.#acceptances > 0;
    if (outcome.kind === 'accepted') this.#acceptances += 1;
    if (outcome.kind === 'misconfigured') onMisconfigured();
    const context = { now: clock.now(), probe, acceptedBefore, quotaProbeMs };
    this.#become(afterOutcome(this.#state, outcome, context));
    event.end(outcome);
  };

  #become(following: HaltState): void {
    if (following === this.#state) return;
    this.#state = following;
    this.#report(following);
    for (const told of this.#told) told();
  }

  /** Tells when traffic stands, not of each event that is refused for what is in it. */
  #report(state: HaltState): void {
    const { diagnostics } = this.#deps;
    if (state.kind === 'open') {
      if (this.#reported) diagnostics.report({ code: 'traffic_resumed' });
      this.#reported = false;
      return;
    }
    const stands = state.kind !== 'refused' || state.tries === 0 || this.#acceptances === 0;
    if (!stands || this.#reported) return;
    this.#reported = true;
    const why = state.kind === 'refused' ? 'misconfigured' : 'quota';
    diagnostics.report({ code: 'traffic_halted', why, detail: state.failure.detail });
  }
}

function refusal(state: HaltState): AttemptOutcome {
  if (state.kind === 'refused') return { kind: 'misconfigured', failure: state.failure };
  const failure = state.kind === 'open' ? { detail: 'halted', status: undefined } : state.failure;
  return { kind: 'quota', failure, retryAfterMs: undefined };
}
