import type { Delivery } from './delivery.ts';
import { fateOf } from './fate.ts';
import type { PendingTransport } from './with-pending-limit.ts';
import type { HaltingTransport } from './with-halt.ts';

/** What delivers without a spool. */
export interface MemoryParts {
  /** The whole chain. */
  readonly chain: PendingTransport;
  /** The part of the chain that stops all traffic. */
  readonly halting: HaltingTransport;
  /** Closes the sockets. */
  readonly closeSockets: () => Promise<void>;
}

/** Delivery that holds events in memory until the ledger has decided, or their time is over. */
export function createMemoryDelivery({ chain, halting, closeSockets }: MemoryParts): Delivery {
  return {
    deliver(request, parcel, done) {
      chain.send(request, parcel, (outcome) => {
        done(fateOf(outcome));
      });
    },
    state: () => ({
      pendingBytes: chain.pendingBytes(),
      halted: halting.halted(),
      spool: undefined,
    }),
    resume() {
      halting.resume();
    },
    flush: () => Promise.resolve(),
    close: closeSockets,
  };
}
