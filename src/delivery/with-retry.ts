import type { RetryPolicy } from '../config/resolve.ts';
import type { DropReason, Failure, SendOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { sleep } from '../runtime/clock.ts';
import { backoffMs } from './backoff.ts';
import type { Lifetime } from './lifetime.ts';
import { endReason } from './lifetime.ts';
import { clampRetryAfter } from './retry-after.ts';
import type { SendContext, Transport } from './transport.ts';

/** What {@link withRetry} needs besides the transport. */
export interface RetryDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

type Retryable = Extract<SendOutcome, { kind: 'retryable' }>;

function dropped(reason: DropReason, failure: Failure): SendOutcome {
  return { kind: 'dropped', reason, failure };
}

function ended(lifetime: Lifetime): boolean {
  return lifetime.signal.aborted;
}

/**
 * Repeats retryable sends, under the same key and with the same bytes, until policy, deadline
 * or lifetime says stop.
 */
export function withRetry(next: Transport, policy: RetryPolicy, deps: RetryDeps): Transport {
  const { clock, random } = deps;

  /** Waits before the next attempt; an outcome when there is to be none. */
  async function pause(
    { failure, retryAfterMs }: Retryable,
    retry: number,
    { deadline, lifetime, wake }: SendContext & Pick<Lifetime, 'wake'>,
  ): Promise<SendOutcome | undefined> {
    if (ended(lifetime)) return dropped(endReason(lifetime), failure);
    if (lifetime.closing) return dropped('shutdown', failure);
    if (clock.now() >= deadline) return dropped('deadline', failure);
    if (retry >= policy.maxRetries) return dropped('retries_exhausted', failure);
    const ms = Math.max(backoffMs(policy, retry, random()), clampRetryAfter(retryAfterMs ?? 0));
    if (clock.now() + ms >= deadline) return dropped('deadline', failure);
    await sleep(clock, { ms, hold: lifetime.hold, signal: wake });
    return ended(lifetime) ? dropped(endReason(lifetime), failure) : undefined;
  }

  return {
    async send(request, context) {
      let conflicts = 0;
      for (let retry = 0; ; retry += 1) {
        // Taken before the attempt: who hurries while it is under way means the wait after it too.
        const { wake } = context.lifetime;
        const outcome = await next.send(request, context);
        if (outcome.kind !== 'retryable') return outcome;
        if (outcome.once) conflicts += 1;
        if (conflicts > 1) return { kind: 'rejected', failure: outcome.failure };
        const end = await pause(outcome, retry, { ...context, wake });
        if (end !== undefined) return end;
        context.onRetry();
      }
    },
  };
}
