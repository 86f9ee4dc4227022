import type { SendOutcome } from '../outcome.ts';
import { endReason } from './lifetime.ts';
import type { SendContext, Transport } from './transport.ts';
import type { OutgoingRequest } from '../wire/wire-request.ts';

interface Waiting {
  readonly request: OutgoingRequest;
  readonly context: SendContext;
  readonly resolve: (outcome: SendOutcome | Promise<SendOutcome>) => void;
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

  function take(): Waiting | undefined {
    const waiting = queue[head];
    if (waiting === undefined) return undefined;
    head += 1;
    // Cut now and then: shifting an array of thousands on every turn would be quadratic.
    if (head > 1024 && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
    return waiting;
  }

  async function run(request: OutgoingRequest, context: SendContext): Promise<SendOutcome> {
    running += 1;
    try {
      return await next.send(request, context);
    } finally {
      running -= 1;
      startWaiting();
    }
  }

  function startWaiting(): void {
    while (running < limit) {
      const waiting = take();
      if (waiting === undefined) return;
      const { request, context, resolve } = waiting;
      if (context.lifetime.signal.aborted) {
        resolve({
          kind: 'dropped',
          reason: endReason(context.lifetime),
          failure: { detail: 'ended while waiting', status: undefined },
        });
      } else {
        resolve(run(request, context));
      }
    }
  }

  return {
    send(request, context) {
      if (running < limit) return run(request, context);
      return new Promise((resolve) => {
        queue.push({ request, context, resolve });
      });
    },
  };
}
