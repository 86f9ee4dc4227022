import type { RetryPolicy } from '../config/resolve.ts';
import type { DropReason, Failure, AttemptOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { sleep } from '../runtime/clock.ts';
import type { WireRequest } from '../wire/request.ts';
import { backoffMs, clampRetryAfter } from './answer.ts';
import type { OnOutcome, SendContext, Transport } from './delivery.ts';
import type { SendScope } from './send-scope.ts';
import { endReason } from './send-scope.ts';

/** What {@link withRetry} needs besides the transport. */
export interface RetryDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

interface Attempt {
  readonly request: WireRequest;
  readonly context: SendContext;
  readonly done: OnOutcome;
  /** Taken before the attempt: who hurries while it is under way means the wait after it too. */
  readonly wake: AbortSignal;
  /** Attempts before this one. */
  readonly retries: number;
  /** Of these, conflicts of two requests under one key. */
  readonly conflicts: number;
}

type Retryable = Extract<AttemptOutcome, { kind: 'retryable' }>;

function dropped(reason: DropReason, failure: Failure): AttemptOutcome {
  return { kind: 'dropped', reason, failure };
}

function ended(scope: SendScope): boolean {
  return scope.signal.aborted;
}

/**
 * Repeats retryable sends, under the same key and with the same bytes, until policy, deadline
 * or scope says stop.
 */
export function withRetry(next: Transport, policy: RetryPolicy, deps: RetryDeps): Transport {
  const { clock, random } = deps;

  /** Waits before the next attempt; an outcome when there is to be none. */
  async function pause(
    { failure, retryAfterMs }: Retryable,
    { context, wake, retries }: Attempt,
  ): Promise<AttemptOutcome | undefined> {
    const { deadline, scope } = context;
    if (ended(scope)) return dropped(endReason(scope), failure);
    if (scope.closing) return dropped('shutdown', failure);
    if (clock.now() >= deadline) return dropped('deadline', failure);
    if (retries >= policy.maxRetries) return dropped('retries_exhausted', failure);
    const ms = Math.max(backoffMs(policy, retries, random()), clampRetryAfter(retryAfterMs ?? 0));
    if (clock.now() + ms >= deadline) return dropped('deadline', failure);
    await sleep(clock, { ms, hold: scope.hold, signal: wake });
    return ended(scope) ? dropped(endReason(scope), failure) : undefined;
  }

  async function repeat(outcome: Retryable, attempt: Attempt): Promise<void> {
    const conflicts = attempt.conflicts + (outcome.once ? 1 : 0);
    const end: AttemptOutcome | undefined =
      conflicts > 1
        ? { kind: 'rejected', failure: outcome.failure }
        : await pause(outcome, attempt);
    if (end !== undefined) {
      attempt.done(end);
      return;
    }
    attempt.context.onRetry();
    const { wake } = attempt.context.scope;
    make({ ...attempt, conflicts, wake, retries: attempt.retries + 1 });
  }

  function make(attempt: Attempt): void {
    next.send(attempt.request, attempt.context, (outcome) => {
      if (outcome.kind === 'retryable') void repeat(outcome, attempt);
      else attempt.done(outcome);
    });
  }

  return {
    send(request, context, done) {
      const { wake } = context.scope;
      make({ request, context, done, wake, retries: 0, conflicts: 0 });
    },
  };
}
