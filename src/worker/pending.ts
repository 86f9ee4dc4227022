import type { SendContext } from '../delivery/delivery.ts';
import type { AwaitedOutcome, Outcome } from '../outcome.ts';
import { heldBytes } from '../delivery/limits.ts';
import type { WireRequest } from '../wire/request.ts';

/** An event that was handed over. */
export interface HandedOver {
  readonly request: WireRequest;
  readonly context: SendContext;
  readonly settle: (outcome: Outcome) => void;
}

/** An event whose outcome is open. */
export interface PendingEvent extends HandedOver {
  readonly id: number;
  /** Given once it is on disk, where somebody awaits it in the ledger. */
  readonly tell: ((outcome: AwaitedOutcome) => void) | undefined;
}

/** Keeps what was handed over until it is safe elsewhere, in the order it was given. */
export interface PendingEvents {
  add(handedOver: HandedOver): PendingEvent;
  get(id: number): PendingEvent | undefined;
  /** It is on disk; it stays here, without counting, until its delivery can be told. */
  awaitDelivery(pending: PendingEvent, tell: (outcome: AwaitedOutcome) => void): void;
  remove(pending: PendingEvent): void;
  all(): readonly PendingEvent[];
  /** The requests of those that are neither settled nor on disk. */
  notStored(): readonly WireRequest[];
  /** Bytes of memory taken by those that are neither settled nor on disk. */
  bytes(): number;
  /** Whether the event under a key is neither settled nor on disk. */
  holds(key: string): boolean;
}

/** Makes an empty store. */
export function createPendingEvents(): PendingEvents {
  const events = new Map<number, PendingEvent>();
  let bytes = 0;
  let lastId = 0;
  return {
    add(handedOver) {
      const { request, context, settle } = handedOver;
      const added = { id: (lastId += 1), request, context, settle, tell: undefined };
      events.set(added.id, added);
      bytes += heldBytes(request);
      return added;
    },
    get: (id) => events.get(id),
    awaitDelivery(pending, tell) {
      bytes -= heldBytes(pending.request);
      events.set(pending.id, { ...pending, tell });
    },
    remove({ id, request, tell }) {
      if (events.delete(id) && tell === undefined) bytes -= heldBytes(request);
    },
    all: () => [...events.values()],
    notStored: () =>
      [...events.values()].filter(({ tell }) => tell === undefined).map(({ request }) => request),
    bytes: () => bytes,
    holds(key) {
      for (const { request, tell } of events.values()) {
        if (tell === undefined && request.idempotencyKey === key) return true;
      }
      return false;
    },
  };
}

/** Bytes of events that the thread may have at once. */
export const WINDOW_BYTES: number = 8 * 1024 * 1024;

/**
 * Hands events over to the thread while it has room; the others wait on this side, in their order.
 *
 * An event that waits here needs no timer: those in the thread have an earlier or equal deadline,
 * so there is room by its own deadline at the latest, and the thread then turns it away.
 */
export interface Handover {
  add(open: PendingEvent): void;
  /** The thread need not answer for this one any more. */
  freed(open: PendingEvent): void;
  /** There is a new thread: begins anew, with these. */
  restart(all: readonly PendingEvent[]): void;
}

/** What a handover needs. */
export interface HandoverDeps {
  readonly post: (open: PendingEvent) => void;
  /** Whether the outcome of an event is still open. */
  readonly isOpen: (id: number) => boolean;
  readonly windowBytes: number;
}

/** Makes one with nothing in the thread. */
export function createHandover({ post, isOpen, windowBytes }: HandoverDeps): Handover {
  const inThread = new Set<number>();
  let bytes = 0;
  let waiting: PendingEvent[] = [];
  let head = 0;

  const hasRoom = (open: PendingEvent): boolean =>
    bytes === 0 || bytes + open.request.bytes <= windowBytes;

  function hand(open: PendingEvent): void {
    inThread.add(open.id);
    bytes += open.request.bytes;
    post(open);
  }

  function handWaiting(): void {
    for (; head < waiting.length; head += 1) {
      const next = waiting[head];
      if (next === undefined || !isOpen(next.id)) continue;
      if (!hasRoom(next)) return;
      hand(next);
    }
    waiting = [];
    head = 0;
  }

  return {
    add(open) {
      if (waiting.length === 0 && hasRoom(open)) hand(open);
      else waiting.push(open);
    },
    freed(open) {
      if (!inThread.delete(open.id)) return;
      bytes -= open.request.bytes;
      if (waiting.length > 0) handWaiting();
    },
    restart(all) {
      inThread.clear();
      bytes = 0;
      waiting = [...all];
      head = 0;
      handWaiting();
    },
  };
}
