import { lost } from '../outcome.ts';
import type { OnEnd, PendingEvent, Transport } from './delivery.ts';
import { endReason } from './send-scope.ts';

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

/**
 * Lets at most `limit` sends through at once; the others wait in the order they came.
 *
 * A waiting send needs no timer: those before it have an earlier or equal deadline, so it gets
 * its turn by its own deadline at the latest, and is then turned away below.
 */
export function withConcurrency(next: Transport, limit: number): Transport {
  let running = 0;
  let head = 0;
  let queue: PendingEvent[] = [];
  let starting = false;

  function run(event: PendingEvent): void {
    running += 1;
    event.onEnd(ended);
    next.send(event);
  }

  const ended: OnEnd = (event, outcome) => {
    running -= 1;
    event.end(outcome);
    startWaiting();
  };

  function startWaiting(): void {
    // A send that ends at once comes back here: the loop goes on, not one level deeper.
    if (starting) return;
    starting = true;
    for (let event = takeNext(); event !== undefined; event = takeNext()) start(event);
    starting = false;
  }

  /** The next that may start now. */
  function takeNext(): PendingEvent | undefined {
    const event = running < limit ? queue[head] : undefined;
    if (event === undefined) return undefined;
    head += 1;
    // Cut now and then: shifting an array of thousands on every turn would be quadratic.
    if (head === queue.length || (head > 1024 && head * 2 > queue.length)) {
      queue = queue.slice(head);
      head = 0;
    }
    return event;
  }

  function start(event: PendingEvent): void {
    const { scope } = event.context;
    if (scope.signal.aborted) event.end(lost(endReason(scope), 'ended while waiting'));
    else run(event);
  }

  return {
    send(event) {
      if (running < limit && !starting) run(event);
      else queue.push(event);
    },
  };
}
