import type { WireRequest } from '../../wire/wire-request.ts';
import type { Parcel } from '../delivery.ts';
import { heldBytes } from '../held-bytes.ts';
import type { AwaitedFate, Fate } from '../fate.ts';

/** An event that was handed over. */
export interface HandedOver {
  readonly request: WireRequest;
  readonly parcel: Parcel;
  readonly settle: (fate: Fate) => void;
}

/** An event whose fate is open. */
export interface PendingParcel extends HandedOver {
  readonly id: number;
  /** Given once it is on disk, where somebody awaits it in the ledger. */
  readonly tell: ((fate: AwaitedFate) => void) | undefined;
}

/** Keeps what was handed over until it is safe elsewhere, in the order it was given. */
export interface PendingParcels {
  add(handedOver: HandedOver): PendingParcel;
  get(id: number): PendingParcel | undefined;
  /** It is on disk; it stays here, without counting, until its delivery can be told. */
  awaitDelivery(pending: PendingParcel, tell: (fate: AwaitedFate) => void): void;
  remove(pending: PendingParcel): void;
  all(): readonly PendingParcel[];
  /** The requests of those that are neither settled nor on disk. */
  notStored(): readonly WireRequest[];
  /** Bytes of memory taken by those that are neither settled nor on disk. */
  bytes(): number;
  /** Whether the event under a key is neither settled nor on disk. */
  holds(key: string): boolean;
}

/** Makes an empty store. */
export function createPendingParcels(): PendingParcels {
  const parcels = new Map<number, PendingParcel>();
  let bytes = 0;
  let lastId = 0;
  return {
    add(handedOver) {
      const { request, parcel, settle } = handedOver;
      const added = { id: (lastId += 1), request, parcel, settle, tell: undefined };
      parcels.set(added.id, added);
      bytes += heldBytes(request);
      return added;
    },
    get: (id) => parcels.get(id),
    awaitDelivery(pending, tell) {
      bytes -= heldBytes(pending.request);
      parcels.set(pending.id, { ...pending, tell });
    },
    remove({ id, request, tell }) {
      if (parcels.delete(id) && tell === undefined) bytes -= heldBytes(request);
    },
    all: () => [...parcels.values()],
    notStored: () =>
      [...parcels.values()].filter(({ tell }) => tell === undefined).map(({ request }) => request),
    bytes: () => bytes,
    holds(key) {
      for (const { request, tell } of parcels.values()) {
        if (tell === undefined && request.idempotencyKey === key) return true;
      }
      return false;
    },
  };
}
