import type { Clock } from '../../runtime/clock.ts';
import type { DeliveryState } from '../delivery.ts';

/** The state of the delivery in the thread, as far as it was told. */
export interface RemoteState {
  /** It was this at that time, ms. */
  update(state: DeliveryState, at: number): void;
  /** A halt was lifted; the thread will say so too. */
  resumed(): void;
  now(): Omit<DeliveryState, 'pendingBytes'>;
}

/** Makes one for a thread of which nothing was heard yet. */
export function createRemoteState(clock: Clock): RemoteState {
  let known: Omit<DeliveryState, 'pendingBytes'> = { halted: undefined, spool: undefined };
  let knownAt = 0;
  return {
    update({ halted, spool }, at) {
      known = { halted, spool };
      knownAt = at;
    },
    resumed() {
      known = { ...known, halted: undefined };
    },
    now() {
      const { halted, spool } = known;
      if (spool?.oldestAgeMs === undefined) return known;
      const oldestAgeMs = spool.oldestAgeMs + Math.max(0, clock.now() - knownAt);
      return { halted, spool: { ...spool, oldestAgeMs } };
    },
  };
}
