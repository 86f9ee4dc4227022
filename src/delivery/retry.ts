import type { RetryPolicy } from '../config/resolve.ts';
import type { AttemptOf, AttemptOutcome, DropReason } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { sleep } from '../runtime/clock.ts';
import { retryWaitMs } from './answer.ts';
import type { OnEnd, PendingEvent, Transport } from './delivery.ts';
import { endReason } from './send-scope.ts';

/** What {@link withRetry} needs besides the transport. */
export interface RetryDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/**
 * Repeats retryable sends, under the same key and with the same bytes, until policy, deadline
 * or scope says stop.
 */
export function withRetry(next: Transport, policy: RetryPolicy, deps: RetryDeps): Transport {
  const { clock, random } = deps;

  function attempt(event: PendingEvent): void {
    event.begin();
    event.onEnd(ended);
    next.send(event);
  }

  const ended: OnEnd = (event, outcome) => {
    if (outcome.kind === 'retryable') void repeat(event, outcome);
    else event.end(outcome);
  };

  async function repeat(event: PendingEvent, outcome: AttemptOf<'retryable'>): Promise<void> {
    const { failure } = outcome;
    const end: AttemptOutcome | undefined = event.failed(outcome)
      ? await pause(event, outcome)
      : { kind: 'rejected', failure };
    if (end !== undefined) {
      event.end(end);
      return;
    }
    event.context.onRetry();
    attempt(event);
  }

  /** Waits before the next attempt; an outcome when there is to be none. */
  async function pause(
    { context, failures, wake }: PendingEvent,
    { failure, retryAfterMs }: AttemptOf<'retryable'>,
  ): Promise<AttemptOutcome | undefined> {
    const { deadline, scope } = context;
    const dropped = (reason: DropReason): AttemptOutcome => ({ kind: 'dropped', reason, failure });
    if (scope.signal.aborted) return dropped(endReason(scope));
    if (scope.closing) return dropped('shutdown');
    if (clock.now() >= deadline) return dropped('deadline');
    if (failures > policy.maxRetries) return dropped('retries_exhausted');
    const ms = retryWaitMs(policy, failures, random(), retryAfterMs);
    if (clock.now() + ms >= deadline) return dropped('deadline');
    await sleep(clock, { ms, hold: scope.hold, signal: wake });
    return endedMeanwhile(scope) ? dropped(endReason(scope)) : undefined;
  }

  return { send: attempt };
}

/** A function of its own, since the compiler takes what was asked before the wait for settled. */
function endedMeanwhile({ signal }: { readonly signal: AbortSignal }): boolean {
  return signal.aborted;
}
