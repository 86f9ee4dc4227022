import type { DropReason } from '../../outcome.ts';
import type { AwaitedFate, Lost } from '../fate.ts';
import type { Lifetime } from '../lifetime.ts';
import { endReason } from '../lifetime.ts';
import type { DiskLedger } from './disk-ledger.ts';
import type { LifetimeBridge } from './lifetime-bridge.ts';
import type { PendingParcel, PendingParcels } from './pending-parcels.ts';
import type { RemoteFate } from './protocol.ts';

/** What settling works on. */
export interface SettlingDeps {
  readonly pending: PendingParcels;
  readonly lifetimes: LifetimeBridge;
  readonly disk: DiskLedger;
  /** The thread need not answer for it any more. */
  readonly freed: (open: PendingParcel) => void;
}

/** Gives events their fates; what was settled before stays as it was. */
export interface Settling {
  /** Handing it over ended. */
  settled(id: number, fate: RemoteFate): void;
  /** What came of one that is on disk. */
  told(id: number, fate: AwaitedFate): void;
  /** The ledger took it, and there is nothing more to say. */
  accepted(id: number): void;
  /** Gives up those that depend on a lifetime. */
  dropOf(lifetime: Lifetime): void;
  /** Gives up all. */
  dropAll(): void;
}

function lost(reason: DropReason): Lost {
  return { kind: 'dropped', reason, failure: { detail: 'no answer in time', status: undefined } };
}

/** Makes what settles events by what the thread says. */
export function createSettling({ pending, lifetimes, disk, freed }: SettlingDeps): Settling {
  function remove(open: PendingParcel): void {
    pending.remove(open);
    lifetimes.release(open.parcel.lifetime);
    freed(open);
  }

  function stored(open: PendingParcel): void {
    // One that is stored once more, because its thread died, was settled before.
    if (open.tell !== undefined) return;
    disk.stored(open.parcel.owner);
    if (open.parcel.awaited) {
      const delivered = new Promise<AwaitedFate>((resolve) => {
        pending.awaitDelivery(open, resolve);
      });
      freed(open);
      open.settle({ kind: 'spooled', delivered });
    } else {
      remove(open);
      open.settle({ kind: 'spooled', delivered: undefined });
    }
  }

  function end(open: PendingParcel, fate: Exclude<RemoteFate, { kind: 'spooled' }>): void {
    remove(open);
    if (open.tell === undefined) open.settle(fate);
    else open.tell(fate);
  }

  return {
    settled(id, fate) {
      const open = pending.get(id);
      if (open === undefined) return;
      if (fate.kind === 'spooled') stored(open);
      else end(open, fate);
    },
    told(id, fate) {
      const open = pending.get(id);
      if (open?.tell === undefined) return;
      remove(open);
      open.tell(fate);
    },
    accepted(id) {
      const open = pending.get(id);
      if (open === undefined) return;
      const { idempotencyKey, requestId } = open.request;
      const receipt = {
        txId: undefined,
        payloadHash: undefined,
        duplicate: false,
        requestId,
        status: undefined,
        idempotencyKey,
      };
      end(open, { kind: 'accepted', receipt });
    },
    dropOf(lifetime) {
      for (const open of pending.all()) {
        if (open.parcel.lifetime === lifetime) end(open, lost(endReason(lifetime)));
      }
    },
    dropAll() {
      for (const open of pending.all()) end(open, lost('shutdown'));
    },
  };
}
