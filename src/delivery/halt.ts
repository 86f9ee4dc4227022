import type { AttemptOf, AttemptOutcome, Failure, HaltCause } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import { MAX_RETRY_AFTER_MS } from './answer.ts';
import type { OnEnd, PendingEvent, Transport } from './delivery.ts';
import type { Run } from './traffic.ts';
import { GOING_WELL, TRY_EVERY_MS, afterFirst, triesBeforeDoubt } from './traffic.ts';

/** First and longest wait between two timed probes of a wrong configuration, in ms. */
export const PROBE_MS: {
  readonly first: number;
  /** Where the key was accepted before. */
  readonly firstAfterSuccess: number;
  readonly longest: number;
} = { first: 30_000, firstAfterSuccess: 1_000, longest: MAX_RETRY_AFTER_MS };

/** Requests under way at first: a wrong key is to cost few, and is refused in less than this, ms. */
const UNPROVEN = { requests: 4, ms: 1_000 };

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
 *   in it. Other events find out, one at a time: while `tries` are left, those that were never sent
 *   at once; and any by the clock.
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
      /** When the next of them may be made; infinite without any. */
      readonly tryAt: number;
      /** Probes made by the clock. */
      readonly timed: number;
      /** When the next of these may be made. */
      readonly probeAt: number;
      /** Wait before it, should the tries or the probe before it fail; in ms. */
      readonly probeEveryMs: number;
      readonly probing: boolean;
    };

type Refused = Extract<HaltState, { readonly kind: 'refused' }>;

/** Traffic flows. */
export const OPEN: HaltState = { kind: 'open' };

/** How an event may be sent now; `undefined` when it may not. */
export type Admission = 'send' | Probe;

/** How an event finds out: one that was never sent at once, or any by the clock. */
export type Probe = 'try' | 'timed';

/** @param fresh - whether the event was never sent */
export function admission(state: HaltState, now: number, fresh: boolean): Admission | undefined {
  switch (state.kind) {
    case 'open':
      return 'send';
    case 'throttled':
      return now >= state.until ? 'send' : undefined;
    case 'exhausted':
      return !state.probing && now >= state.probeAt ? 'timed' : undefined;
    case 'refused':
      if (state.probing) return undefined;
      if (fresh && now >= state.tryAt) return 'try';
      return now >= state.probeAt ? 'timed' : undefined;
  }
}

/**
 * When traffic may be tried again, on the monotonic clock (ms): `undefined` while it flows,
 * infinite while a probe is under way or only a person can release it.
 *
 * @param fresh - whether by an event that was never sent
 */
export function opensAt(state: HaltState, now: number, fresh: boolean): number | undefined {
  switch (state.kind) {
    case 'open':
      return undefined;
    case 'throttled':
      return now >= state.until ? undefined : state.until;
    case 'exhausted':
      return state.probing ? Infinity : state.probeAt;
    case 'refused':
      if (state.probing) return Infinity;
      return fresh ? Math.min(state.tryAt, state.probeAt) : state.probeAt;
  }
}

/** Why traffic stands; `undefined` while it flows. */
export function haltCause(state: HaltState, now: number): HaltCause | undefined {
  switch (state.kind) {
    case 'open':
      return undefined;
    case 'throttled':
      return now < state.until ? 'quota' : undefined;
    case 'exhausted':
      return 'quota';
    case 'refused':
      return 'misconfigured';
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
  /** How the send was let through, if as a probe. */
  readonly probe: Probe | undefined;
  /** Whether the ledger has taken any event before. */
  readonly acceptedBefore: boolean;
  /** How events went before; it says how many others are to be tried at once. */
  readonly firsts: Run;
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
  const { now, probe, acceptedBefore, firsts } = context;
  // Requests in flight are refused together: a used-up quota is not forgotten over the answer to
  // one that was sent before.
  if (state.kind === 'exhausted' && probe === undefined) return state;
  if (state.kind === 'refused') return afterTry({ ...state, failure }, context);
  // Without a status, no request was answered: that cannot be for what is in one event.
  const tries = failure.status === undefined ? 0 : triesBeforeDoubt(firsts);
  const probeEveryMs = acceptedBefore ? PROBE_MS.firstAfterSuccess : PROBE_MS.first;
  return {
    kind: 'refused',
    failure,
    since: now,
    requests: 1,
    tries,
    tryAt: tries > 0 ? now + TRY_EVERY_MS : Infinity,
    timed: 0,
    probeAt: now + probeEveryMs,
    probeEveryMs,
    probing: false,
  };
}

/** One more request showed nothing better: the next comes later, at last by the clock alone. */
function afterTry(state: Refused, { now, probe }: OutcomeContext): HaltState {
  const requests = state.requests + 1;
  const { since, tries } = state;
  if (probe === 'timed') {
    const timed = state.timed + 1;
    const probeEveryMs = Math.min(state.probeEveryMs * 2, PROBE_MS.longest);
    const probeAt = Math.max(now + probeEveryMs, since + fewUntilMs(requests, timed));
    return { ...state, requests, timed, probeAt, probeEveryMs, probing: false };
  }
  const probing = state.probing && probe === undefined;
  if (tries === 0) return { ...state, requests, probing };
  // What was in flight uses the tries up.
  const left = {
    requests,
    tries: tries - 1,
    probeAt: Math.max(state.probeAt, now + state.probeEveryMs),
  };
  if (left.tries === 0) return { ...state, ...left, tryAt: Infinity, probing };
  if (probe === undefined) return { ...state, ...left };
  const tryAt = requests < FEW.requests ? now + TRY_EVERY_MS : since + FEW.withinMs;
  return { ...state, ...left, tryAt: Math.max(tryAt, now + TRY_EVERY_MS), probing: false };
}

/** A probe that was neither refused nor taken is none the less one. */
function afterAnother(state: Refused, context: OutcomeContext): HaltState {
  return context.probe === undefined ? state : afterTry(state, context);
}

/** How long after the first refusal the next timed probe comes at the earliest, ms. */
function fewUntilMs(requests: number, timed: number): number {
  if (timed === 0 || requests + 1 < FEW.requests) return 0;
  return timed === 1 ? FEW.lastAfterMs : FEW.withinMs;
}

// Of the requests that were under way when traffic stopped, none proves that it may flow again; but
// what was refused was then more likely so for what is in it, and the count begins anew.
function afterAccepted(state: HaltState, { now, probe, firsts }: OutcomeContext): HaltState {
  if (state.kind === 'throttled') return now >= state.until ? OPEN : state;
  if (probe !== undefined) return OPEN;
  if (state.kind !== 'refused' || state.failure.status === undefined) return state;
  const tryAt = Math.min(state.tryAt, now + TRY_EVERY_MS);
  return { ...state, since: now, requests: 0, tries: triesBeforeDoubt(firsts) + 1, tryAt };
}

// What is in an event can be refused by the ledger and by what stands before it: only a used-up
// quota is disproved by that.
function afterRejected(state: HaltState, context: OutcomeContext): HaltState {
  if (state.kind === 'refused') return afterAnother(state, context);
  return afterAccepted(state, context);
}

// A probe that met a network error showed nothing; another event probes again.
function afterNoAnswer(state: HaltState, context: OutcomeContext): HaltState {
  if (state.kind === 'refused') return afterAnother(state, context);
  if (state.kind !== 'exhausted' || context.probe === undefined) return state;
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
  /** Why traffic stands; `undefined` while it flows. */
  halted(): HaltCause | undefined;
  /** Whether the one refused event may be to blame: others are tried to find out. */
  inDoubt(): boolean;
  /**
   * When a send would not be refused here, ms; `undefined` while traffic flows.
   *
   * @param fresh - whether that of an event that was never sent
   */
  opensAt(fresh: boolean): number | undefined;
  /** How a send would be refused now; `undefined` while traffic flows. */
  refusal(): AttemptOutcome | undefined;
  /** Events that the ledger has taken. */
  acceptances(): number;
  /** How many of at most so many requests may be under way: few, until the key seems good. */
  window(most: number): number;
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
  #probing: { readonly event: PendingEvent; readonly probe: Probe } | undefined;
  #acceptances = 0;
  #firsts: Run = GOING_WELL;
  #begun = false;
  #proven = false;
  #cancelProof = (): void => {};
  #reported = false;

  constructor(next: Transport, deps: HaltDeps) {
    this.#next = next;
    this.#deps = deps;
  }

  send(event: PendingEvent): void {
    const admitted = admission(this.#state, this.#deps.clock.now(), event.attempts === 0);
    if (admitted === undefined) {
      event.end(refusal(this.#state));
      return;
    }
    if (!this.#begun) this.#awaitProof();
    if (admitted !== 'send') {
      this.#state = whileProbing(this.#state);
      this.#probing = { event, probe: admitted };
    }
    event.onEnd(this.#ended);
    this.#next.send(event);
  }

  resume(): void {
    this.#become(OPEN);
  }

  inDoubt(): boolean {
    return this.#state.kind === 'refused' && this.#state.tries > 0;
  }

  halted(): HaltCause | undefined {
    return haltCause(this.#state, this.#deps.clock.now());
  }

  opensAt(fresh: boolean): number | undefined {
    return opensAt(this.#state, this.#deps.clock.now(), fresh);
  }

  refusal(): AttemptOutcome | undefined {
    return this.opensAt(true) === undefined ? undefined : refusal(this.#state);
  }

  acceptances(): number {
    return this.#acceptances;
  }

  window(most: number): number {
    return this.#proven ? most : Math.min(most, UNPROVEN.requests);
  }

  onChange(told: () => void): void {
    this.#told.push(told);
  }

  readonly #ended: OnEnd = (event, outcome) => {
    const { clock, quotaProbeMs, onMisconfigured } = this.#deps;
    const probe = event === this.#probing?.event ? this.#probing.probe : undefined;
    if (probe !== undefined) this.#probing = undefined;
    const acceptedBefore = this.#acceptances > 0;
    const firsts = this.#firsts;
    this.#count(event, outcome);
    if (outcome.kind === 'misconfigured') this.#cancelProof();
    else if (outcome.kind === 'dropped') this.#forgetProof();
    else this.#proved();
    if (outcome.kind === 'misconfigured') onMisconfigured();
    // What is refused again and again is for what is in it; it stops nobody.
    const own = outcome.kind === 'misconfigured' && event.isSuspect(this.#acceptances);
    if (probe !== undefined || !own) {
      const context = { now: clock.now(), probe, acceptedBefore, firsts, quotaProbeMs };
      this.#become(afterOutcome(this.#state, outcome, context));
    }
    event.end(outcome);
  };

  #count(event: PendingEvent, { kind }: AttemptOutcome): void {
    if (kind === 'accepted') {
      this.#acceptances += 1;
      if (this.#firsts !== GOING_WELL) this.#firsts = afterFirst(this.#firsts, true);
    } else if (kind === 'misconfigured' && !event.isSuspect(this.#acceptances)) {
      this.#firsts = afterFirst(this.#firsts, false);
    }
  }

  /** Whoever is to refuse a key has it done by then; an outage is met like any other. */
  #awaitProof(): void {
    this.#begun = true;
    const run = (): void => {
      this.#proved();
      this.#tell();
    };
    const { clock } = this.#deps;
    this.#cancelProof = clock.after({ ms: UNPROVEN.ms, hold: 'background', run });
  }

  /** A send was ended before it could show anything. */
  #forgetProof(): void {
    this.#begun = this.#proven;
    this.#cancelProof();
  }

  #proved(): void {
    if (this.#proven) return;
    this.#proven = true;
    this.#cancelProof();
  }

  #become(following: HaltState): void {
    if (following === this.#state) return;
    this.#state = following;
    this.#report(following);
    this.#tell();
  }

  #tell(): void {
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
