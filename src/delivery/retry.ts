import type { RetryPolicy } from '../config/resolve.ts';
import type { AttemptOf, DropReason } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { sleep } from '../runtime/clock.ts';
import { retryWaitMs } from './answer.ts';
import type { OnEnd, PendingEvent, Transport } from './delivery.ts';
import { REFUSED_WAIT_MS } from './delivery.ts';
import { endReason } from './send-scope.ts';
import { STOOD_STILL_MS } from './turns.ts';
import type { Turns } from './turns.ts';

/** Longest backoff while the sender closes, ms: its whole budget is a few seconds. */
const CLOSING_WAIT_MS = 1_000;

/** What {@link withRetry} needs besides the transport. */
export interface RetryDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Wall clock of one attempt, ms. */
  readonly timeoutMs: number;
  /** Where an event gives its place away while it waits, and asks for it again. */
  readonly turns: Pick<Turns, 'leave' | 'again'>;
  /** Events that the ledger has taken so far. */
  readonly acceptances: () => number;
}

/**
 * Repeats retryable sends, under the same key and with the same bytes, until policy, deadline
 * or scope says stop.
 *
 * What was refused like a wrong configuration is tried again after a minute, where its deadline
 * allows that; what met a wrong configuration before any answer waits for its next turn.
 */
export function withRetry(next: Transport, policy: RetryPolicy, deps: RetryDeps): Transport {
  return new Retry(next, policy, deps);
}

class Retry implements Transport {
  readonly #next: Transport;
  readonly #policy: RetryPolicy;
  readonly #deps: RetryDeps;

  constructor(next: Transport, policy: RetryPolicy, deps: RetryDeps) {
    this.#next = next;
    this.#policy = policy;
    this.#deps = deps;
  }

  send(event: PendingEvent): void {
    event.begin(this.#deps.clock.now());
    event.onEnd(this.#ended);
    this.#next.send(event);
  }

  readonly #ended: OnEnd = (event, outcome) => {
    if (outcome.kind === 'retryable') this.#failed(event, outcome);
    else if (outcome.kind === 'misconfigured') this.#refused(event, outcome);
    else event.end(outcome);
  };

  #failed(event: PendingEvent, outcome: AttemptOf<'retryable'>): void {
    this.#giveBackTime(event);
    const { failure } = outcome;
    if (!event.failed(outcome)) {
      event.end({ kind: 'rejected', failure });
      return;
    }
    const reason = this.#stops(event);
    const ms = this.#waitMs(event, outcome);
    if (reason !== undefined) event.end({ kind: 'dropped', reason, failure });
    else if (this.#deps.clock.now() + ms >= event.deadline) {
      event.end({ kind: 'dropped', reason: 'deadline', failure });
    } else void this.#repeatIn(ms, event, outcome);
  }

  #refused(event: PendingEvent, outcome: AttemptOf<'misconfigured'>): void {
    const { failure } = outcome;
    const { clock, acceptances } = this.#deps;
    const { scope } = event.context;
    if (failure.status === undefined) {
      if (scope.closing || scope.signal.aborted || clock.now() >= event.deadline)
        event.end(outcome);
      else void this.#repeatIn(0, event, outcome);
      return;
    }
    if (event.refused(acceptances(), clock.now())) event.end({ kind: 'rejected', failure });
    else if (scope.closing || clock.now() + REFUSED_WAIT_MS >= event.deadline) event.end(outcome);
    else void this.#repeatIn(REFUSED_WAIT_MS, event, outcome);
  }

  async #repeatIn(
    ms: number,
    event: PendingEvent,
    outcome: AttemptOf<'retryable' | 'misconfigured'>,
  ): Promise<void> {
    const { clock, turns } = this.#deps;
    const { context, wake } = event;
    const { scope } = context;
    turns.leave(event);
    if (ms > 0) await sleep(clock, { ms, hold: scope.hold, signal: wake });
    if (scope.signal.aborted) {
      event.end({ kind: 'dropped', reason: endReason(scope), failure: outcome.failure });
      return;
    }
    turns.again(event, () => {
      context.onRetry();
      this.send(event);
    });
  }

  /** Why there is to be no other attempt. */
  #stops({ context, deadline, failures }: PendingEvent): DropReason | undefined {
    const { scope } = context;
    const { maxRetries } = this.#policy;
    if (scope.signal.aborted) return endReason(scope);
    if (this.#deps.clock.now() >= deadline) return 'deadline';
    // Who closes has short waits and little time: that is what ends them.
    if (scope.closing && maxRetries > 0) return undefined;
    return failures > maxRetries ? 'retries_exhausted' : undefined;
  }

  #waitMs({ context, failures }: PendingEvent, { retryAfterMs }: AttemptOf<'retryable'>): number {
    const { random } = this.#deps;
    const { maxDelayMs } = this.#policy;
    const longest = context.scope.closing ? Math.min(maxDelayMs, CLOSING_WAIT_MS) : maxDelayMs;
    const policy = { ...this.#policy, maxDelayMs: longest };
    return retryWaitMs(policy, failures, random(), retryAfterMs);
  }

  /** An attempt that outlived its limit shows that the process stood still: it is owed another. */
  #giveBackTime(event: PendingEvent): void {
    const { clock, timeoutMs } = this.#deps;
    const now = clock.now();
    const due = Math.min(event.deadline, event.begunAt + timeoutMs);
    if (event.begunAt < event.deadline && now > due + STOOD_STILL_MS) event.extend(now + timeoutMs);
  }
}
