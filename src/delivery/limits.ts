import type { WireRequest } from '../wire/request.ts';
import type { OnOutcome, SendContext, Transport } from './delivery.ts';
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
  return {
    pendingBytes: () => pending,
    send(request, context, done) {
      const bytes = heldBytes(request);
      if (pending + bytes > maxBytes) {
        const failure = { detail: 'maxPendingBytes reached', status: undefined };
        done({ kind: 'dropped', reason: 'queue_full', failure });
        return;
      }
      pending += bytes;
      next.send(request, context, (outcome) => {
        pending -= bytes;
        done(outcome);
      });
    },
  };
}

interface Waiting {
  readonly request: WireRequest;
  readonly context: SendContext;
  readonly done: OnOutcome;
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
  let queue: Waiting[] = [];
  let starting = false;

  /** The next that may start now. */
  function takeNext(): Waiting | undefined {
    const waiting = running < limit ? queue[head] : undefined;
    if (waiting === undefined) return undefined;
    head += 1;
    // Cut now and then: shifting an array of thousands on every turn would be quadratic.
    if (head === queue.length || (head > 1024 && head * 2 > queue.length)) {
      queue = queue.slice(head);
      head = 0;
    }
    return waiting;
  }

  function run({ request, context, done }: Waiting): void {
    running += 1;
    next.send(request, context, (outcome) => {
      running -= 1;
      done(outcome);
      startWaiting();
    });
  }

  function start(waiting: Waiting): void {
    const { scope } = waiting.context;
    if (!scope.signal.aborted) {
      run(waiting);
      return;
    }
    const failure = { detail: 'ended while waiting', status: undefined };
    waiting.done({ kind: 'dropped', reason: endReason(scope), failure });
  }

  function startWaiting(): void {
    // A send that ends at once comes back here: the loop goes on, not one level deeper.
    if (starting) return;
    starting = true;
    for (let waiting = takeNext(); waiting !== undefined; waiting = takeNext()) start(waiting);
    starting = false;
  }

  return {
    send(request, context, done) {
      const waiting = { request, context, done };
      if (running < limit && !starting) run(waiting);
      else queue.push(waiting);
    },
  };
}
