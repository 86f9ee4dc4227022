import type { Transport } from '../../src/delivery/delivery.ts';
import type { AttemptOutcome } from '../../src/outcome.ts';
import { unanswered } from '../../src/outcome.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { accepted, rejected, retryable } from './scripted-transport.ts';

/** What a ledger, or what stands before it, does with an event for what is in it. */
export const ANSWERS = ['good', 'trouble', 'reset', 'hang', 'rejected', 'forbidden'] as const;

/** One of {@link ANSWERS}. */
export type Answer = (typeof ANSWERS)[number];

/** Time in ms after which an attempt that gets no answer ends. */
export const TIMEOUT_MS = 5_000;

const OUTCOMES: Readonly<Record<Answer, AttemptOutcome>> = {
  good: accepted,
  trouble: retryable(),
  reset: unanswered('ECONNRESET'),
  hang: unanswered('timeout'),
  rejected,
  forbidden: { kind: 'misconfigured', failure: { detail: 'HTTP 403', status: 403 } },
};

/** A transport whose answer to an event depends on its key alone: always the same one. */
export function contentLedger(clock: Clock, answerTo: (key: string) => Answer): Transport {
  return {
    send(event) {
      const answer = answerTo(event.request.idempotencyKey);
      const left = Math.max(event.deadline - clock.now(), 0);
      const ms = answer === 'hang' ? Math.min(TIMEOUT_MS, left) : 5;
      const run = (): void => {
        event.end(OUTCOMES[answer]);
      };
      clock.after({ ms, hold: 'background', run });
    },
  };
}
