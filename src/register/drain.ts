import type { Clock } from '../runtime/clock.ts';
import { endsWithin } from '../runtime/clock.ts';
import type { Stoppable } from './sdk-types.ts';

/** What is to be brought to an end. */
export interface Drain {
  /** The SDK and, each by itself, the processors: the SDK gives up with the first that fails. */
  readonly parts: readonly Stoppable[];
  /** The client that all of it goes through; `undefined` where there is none. */
  readonly client:
    | {
        /** From now on each event gets one attempt and no other. */
        finish(): void;
        /** Ends everything after so many ms at the latest. */
        close(withinMs: number): Promise<void>;
      }
    | undefined;
  /** Time for all of it in ms. */
  readonly budgetMs: number;
}

/** The part of the budget in which a failed attempt is still repeated. */
const PATIENT = 0.6;

/**
 * Ends a set-up within its budget.
 *
 * The processors of the SDK hand over batch after batch and wait for each as long as its exporter
 * takes; nothing bounds the sum. So they are given time, then haste, then an end.
 */
export async function drain({ parts, client, budgetMs }: Drain, clock: Clock): Promise<void> {
  const started = clock.now();
  const left = (share: number): number => Math.max(0, started + budgetMs * share - clock.now());
  const handedOver = Promise.allSettled(parts.map(async (part) => part.shutdown()));
  if (!(await endsWithin(clock, handedOver, { ms: left(PATIENT), hold: 'process' }))) {
    client?.finish();
    await endsWithin(clock, handedOver, { ms: left(1), hold: 'process' });
  }
  await client?.close(left(1));
}
