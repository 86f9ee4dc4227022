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
    async send(request, context) {
      if (pending + request.bytes > maxBytes) {
        const failure = { detail: 'maxPendingBytes reached', status: undefined };
        return { kind: 'dropped', reason: 'queue_full', failure };
      }
      pending += request.bytes;
      try {
        return await next.send(request, context);
      } finally {
        pending -= request.bytes;
      }
    },
  };
}
