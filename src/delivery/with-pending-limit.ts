import { heldBytes } from './held-bytes.ts';
import type { Transport } from './transport.ts';

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
