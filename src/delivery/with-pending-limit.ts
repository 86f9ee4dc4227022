import type { Transport } from './transport.ts';

/** A transport that knows how much it holds. */
export interface PendingTransport extends Transport {
  /** Bytes of the bodies that are not settled yet. */
  pendingBytes(): number;
}

/** Turns events away once the bodies not settled yet would exceed `maxBytes` of memory. */
export function withPendingLimit(next: Transport, maxBytes: number): PendingTransport {
  let pending = 0;
  return {
    pendingBytes: () => pending,
    send(request, context, done) {
      const { bytes } = request;
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
