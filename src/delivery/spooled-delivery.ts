import type { Clock } from '../runtime/clock.ts';
import { endsWithin } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import type { RecordRef, Spool, StoreResult } from '../spool/spool.ts';
import type { WireRequest } from '../wire/wire-request.ts';
import type { Delivery, DeliveryEvents, Parcel } from './delivery.ts';
import type { Drain } from './drain.ts';
import type { AwaitedFate, Fate, Lost } from './fate.ts';
import { parkReason } from './fate.ts';
import { heldBytes } from './held-bytes.ts';
import type { OwnLifetime } from './lifetime.ts';
import type { OwnerLog } from './owner-log.ts';
import type { Traffic } from './traffic.ts';
import type { Waiters } from './waiters.ts';

/** Time between two looks for spools that other processes left behind, ms. */
const ADOPT_EVERY_MS = 60_000;
/** Time in ms that closing the files may take on top of the budget. */
const CLOSE_MS = 400;

// Reasons that have nothing to do with the disk that refused.
const OWN_REASONS: ReadonlySet<Lost['reason']> = new Set(['rejected', 'aborted', 'shutdown']);

/** What delivers with a spool. */
export interface SpooledParts {
  readonly spool: Spool;
  readonly drain: Drain;
  readonly traffic: Traffic;
  readonly owners: OwnerLog;
  readonly waiters: Waiters;
  /** Delivers from memory: what stands in while the disk refuses. */
  readonly memory: Delivery;
  /** Bytes that may wait for their commit. */
  readonly maxPendingBytes: number;
  readonly lifetime: OwnLifetime;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly events: DeliveryEvents;
  /** Registers what is to be done when the process exits; returns how to take it back. */
  readonly onExit: (run: () => void) => () => void;
  readonly quarantinedByStatus: Readonly<Record<string, number>>;
}

interface HandedOver {
  readonly request: WireRequest;
  readonly parcel: Parcel;
  readonly done: (fate: Fate) => void;
}

function lost(reason: Lost['reason'], detail: string): Lost {
  return { kind: 'dropped', reason, failure: { detail, status: undefined } };
}

/**
 * Delivery that keeps every event on disk first: handing one over ends when it is committed, and
 * the drain sends it in its own time. While the disk refuses, events are delivered from memory.
 */
export function createSpooledDelivery(parts: SpooledParts): Delivery {
  const { spool, drain, traffic, owners, waiters, memory, lifetime, clock, events } = parts;
  let pendingBytes = 0;
  let unusable = false;
  let closed = false;
  let cancelAdoption = (): void => {};

  async function adopt(): Promise<void> {
    const count = await spool.adopt();
    if (count > 0) {
      events.recovered(count);
      parts.diagnostics.report({ code: 'spool_recovered', count });
      traffic.startSlowly();
    }
    // Also for what could not be read the last time.
    drain.wake();
    if (closed) return;
    const again = { ms: ADOPT_EVERY_MS, hold: 'background', run: () => void adopt() } as const;
    cancelAdoption = clock.after(again);
  }

  function deliverFromMemory({ request, parcel, done }: HandedOver, detail: string): void {
    if (!unusable) parts.diagnostics.report({ code: 'spool_unusable', detail });
    unusable = true;
    memory.deliver(request, parcel, (fate) => {
      const other = fate.kind !== 'dropped' || OWN_REASONS.has(fate.reason);
      done(other ? fate : lost('spool_full', detail));
    });
  }

  function awaitDelivery(ref: RecordRef, { lifetime: until }: Parcel): Promise<AwaitedFate> {
    const { halted } = memory.state();
    if (halted === undefined) return waiters.wait(ref, until);
    const failure = { detail: 'traffic is stopped', status: undefined };
    return Promise.resolve({ kind: 'parked', reason: parkReason(halted), failure });
  }

  function onStored(handedOver: HandedOver, result: StoreResult): void {
    const { parcel, done } = handedOver;
    switch (result.kind) {
      case 'stored': {
        unusable = false;
        if (parcel.owner > 0) owners.put(result.ref, parcel.owner);
        const delivered = parcel.awaited ? awaitDelivery(result.ref, parcel) : undefined;
        drain.wake();
        done({ kind: 'spooled', delivered });
        return;
      }
      case 'unwritable':
        deliverFromMemory(handedOver, result.detail);
        return;
      case 'full':
        done(lost('spool_full', result.detail));
        return;
      case 'closed':
        done(lost('shutdown', result.detail));
    }
  }

  function deliver(request: WireRequest, parcel: Parcel, done: (fate: Fate) => void): void {
    const bytes = heldBytes(request);
    if (pendingBytes + bytes > parts.maxPendingBytes) {
      done(lost('queue_full', 'maxPendingBytes reached'));
      return;
    }
    pendingBytes += bytes;
    void spool.store(request).then((result) => {
      pendingBytes -= bytes;
      onStored({ request, parcel, done }, result);
    });
  }

  const forgetExit = parts.onExit(() => {
    spool.storeRestNow();
  });
  void adopt();

  return {
    deliver,
    state() {
      const { pendingBytes: inMemory, halted } = memory.state();
      return {
        pendingBytes: pendingBytes + inMemory,
        halted,
        spool: {
          ...spool.stats(),
          breaker: traffic.breaker(),
          quarantinedByStatus: { ...parts.quarantinedByStatus },
        },
      };
    },
    resume() {
      memory.resume();
      drain.wake();
      drain.hurry();
    },
    async flush() {
      await spool.settled();
      drain.hurry();
      await drain.idle();
    },
    async close(limitMs) {
      closed = true;
      cancelAdoption();
      const limit = { ms: Math.max(limitMs, 0), hold: 'process' } as const;
      await endsWithin(clock, this.flush(), limit);
      lifetime.abort('shutdown');
      await drain.stop();
      waiters.tellAll(lost('shutdown', 'closed; kept in the spool'));
      await endsWithin(clock, spool.close(), { ms: CLOSE_MS, hold: 'process' });
      forgetExit();
      await memory.close(0);
    },
  };
}
