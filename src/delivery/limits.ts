import { lost } from '../outcome.ts';
import type { OnEnd, Transport } from './delivery.ts';

/**
 * What an event takes in memory besides its body: its key, its limits, its place in the queue.
 * Measured on the heap of a process that holds a hundred thousand of them.
 */
const BESIDES_BODY = 768;

/** Bytes of memory that an event counts for while it waits; `maxPendingBytes` bounds their sum. */
export function heldBytes({ bytes }: { readonly bytes: number }): number {
  return bytes + BESIDES_BODY;
}

/** A transport that knows how much it holds. */
export interface PendingTransport extends Transport {
  /** Bytes of memory that is taken by events that are not settled yet. */
  pendingBytes(): number;
}

/** Turns events away once those not settled yet would take more than `maxBytes` of memory. */
export function withPendingLimit(next: Transport, maxBytes: number): PendingTransport {
  let pending = 0;
  const ended: OnEnd = (event, outcome) => {
    pending -= heldBytes(event.request);
    event.end(outcome);
  };
  return {
    pendingBytes: () => pending,
    send(event) {
      const bytes = heldBytes(event.request);
      if (pending + bytes > maxBytes) {
        event.end(lost('queue_full', 'maxPendingBytes reached'));
        return;
      }
      pending += bytes;
      event.onEnd(ended);
      next.send(event);
    },
  };
}
