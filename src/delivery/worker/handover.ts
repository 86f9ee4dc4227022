import type { PendingParcel } from './pending-parcels.ts';

/** Bytes of events that the thread may have at once. */
export const WINDOW_BYTES: number = 8 * 1024 * 1024;

/**
 * Hands events over to the thread while it has room; the others wait on this side, in their order.
 *
 * An event that waits here needs no timer: those in the thread have an earlier or equal deadline,
 * so there is room by its own deadline at the latest, and the thread then turns it away.
 */
export interface Handover {
  add(open: PendingParcel): void;
  /** The thread need not answer for this one any more. */
  freed(open: PendingParcel): void;
  /** There is a new thread: begins anew, with these. */
  restart(all: readonly PendingParcel[]): void;
}

/** What a handover needs. */
export interface HandoverDeps {
  readonly post: (open: PendingParcel) => void;
  /** Whether the fate of an event is still open. */
  readonly isOpen: (id: number) => boolean;
  readonly windowBytes: number;
}

/** Makes one with nothing in the thread. */
export function createHandover({ post, isOpen, windowBytes }: HandoverDeps): Handover {
  const inThread = new Set<number>();
  let bytes = 0;
  let waiting: PendingParcel[] = [];
  let head = 0;

  const hasRoom = (open: PendingParcel): boolean =>
    bytes === 0 || bytes + open.request.bytes <= windowBytes;

  function hand(open: PendingParcel): void {
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
