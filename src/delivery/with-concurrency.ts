import type { WireRequest } from '../wire/wire-request.ts';
import { endReason } from './lifetime.ts';
import type { OnOutcome, SendContext, Transport } from './transport.ts';

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
    const { lifetime } = waiting.context;
    if (!lifetime.signal.aborted) {
      run(waiting);
      return;
    }
    const failure = { detail: 'ended while waiting', status: undefined };
    waiting.done({ kind: 'dropped', reason: endReason(lifetime), failure });
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
