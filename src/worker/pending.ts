import type { PendingEvent } from '../delivery/delivery.ts';
import { heldBytes } from '../delivery/delivery.ts';
import type { SendScope } from '../delivery/send-scope.ts';
import { endReason } from '../delivery/send-scope.ts';
import type { AwaitedOutcome } from '../outcome.ts';
import { lost } from '../outcome.ts';
import type { WireRequest } from '../wire/request.ts';
import { plainReceipt } from '../delivery/answer.ts';
import type { DiskLedger } from './disk-ledger.ts';
import type { RemoteOutcome } from './protocol.ts';
import type { ScopeBridge } from './send-scopes.ts';

/** An event whose outcome is open, under the number that the thread knows it by. */
export interface OpenEvent {
  readonly id: number;
  readonly event: PendingEvent;
  /** Given once it is on disk, where somebody awaits it in the ledger. */
  readonly tell: ((outcome: AwaitedOutcome) => void) | undefined;
}

/** Keeps what was handed over until it is safe elsewhere, in the order it was given. */
export interface OpenEvents {
  add(event: PendingEvent): OpenEvent;
  get(id: number): OpenEvent | undefined;
  /** It is on disk; it stays here, without counting, until its delivery can be told. */
  awaitDelivery(open: OpenEvent, tell: (outcome: AwaitedOutcome) => void): void;
  remove(open: OpenEvent): void;
  all(): readonly OpenEvent[];
  /** The requests of those that are neither settled nor on disk. */
  notStored(): readonly WireRequest[];
  /** Bytes of memory taken by those that are neither settled nor on disk. */
  bytes(): number;
  /** Whether the event under a key is neither settled nor on disk. */
  holds(key: string): boolean;
}

/** Makes an empty store. */
export function createOpenEvents(): OpenEvents {
  const events = new Map<number, OpenEvent>();
  let bytes = 0;
  let lastId = 0;
  return {
    add(event) {
      const added = { id: (lastId += 1), event, tell: undefined };
      events.set(added.id, added);
      bytes += heldBytes(event.request);
      return added;
    },
    get: (id) => events.get(id),
    awaitDelivery({ id, event }, tell) {
      bytes -= heldBytes(event.request);
      events.set(id, { id, event, tell });
    },
    remove({ id, event, tell }) {
      if (events.delete(id) && tell === undefined) bytes -= heldBytes(event.request);
    },
    all: () => [...events.values()],
    notStored: () =>
      [...events.values()]
        .filter(({ tell }) => tell === undefined)
        .map(({ event }) => event.request),
    bytes: () => bytes,
    holds(key) {
      for (const { event, tell } of events.values()) {
        if (tell === undefined && event.request.idempotencyKey === key) return true;
      }
      return false;
    },
  };
}

export interface SettlingDeps {
  readonly pending: OpenEvents;
  readonly scopes: ScopeBridge;
  readonly disk: DiskLedger;
  /** The thread need not answer for it any more. */
  readonly freed: (open: OpenEvent) => void;
}

/** Gives events their outcomes; what was settled before stays as it was. */
export interface Settling {
  /** Handing it over ended. */
  settled(id: number, outcome: RemoteOutcome): void;
  /** What came of one that is on disk. */
  told(id: number, outcome: AwaitedOutcome): void;
  /** The ledger took it, and there is nothing more to say. */
  accepted(id: number): void;
  /** Gives up those that depend on a scope. */
  dropOf(scope: SendScope): void;
  /** Gives up all. */
  dropAll(): void;
}

const NO_ANSWER = 'no answer in time';

export function createSettling({ pending, scopes, disk, freed }: SettlingDeps): Settling {
  function remove(open: OpenEvent): void {
    pending.remove(open);
    scopes.release(open.event.context.scope);
    freed(open);
  }

  function stored(open: OpenEvent): void {
    // One that is stored once more, because its thread died, was settled before.
    if (open.tell !== undefined) return;
    disk.stored(open.event.context.sourceId);
    if (open.event.context.awaited) {
      const delivered = new Promise<AwaitedOutcome>((resolve) => {
        pending.awaitDelivery(open, resolve);
      });
      freed(open);
      open.event.settle({ kind: 'spooled', delivered });
    } else {
      remove(open);
      open.event.settle({ kind: 'spooled', delivered: undefined });
    }
  }

  function end(open: OpenEvent, outcome: Exclude<RemoteOutcome, { kind: 'spooled' }>): void {
    remove(open);
    if (open.tell === undefined) open.event.settle(outcome);
    else open.tell(outcome);
  }

  return {
    settled(id, outcome) {
      const open = pending.get(id);
      if (open === undefined) return;
      if (outcome.kind === 'spooled') stored(open);
      else end(open, outcome);
    },
    told(id, outcome) {
      const open = pending.get(id);
      if (open?.tell === undefined) return;
      remove(open);
      open.tell(outcome);
    },
    accepted(id) {
      const open = pending.get(id);
      if (open === undefined) return;
      end(open, { kind: 'accepted', receipt: plainReceipt('', open.event.request) });
    },
    dropOf(scope) {
      for (const open of pending.all()) {
        if (open.event.context.scope === scope) end(open, lost(endReason(scope), NO_ANSWER));
      }
    },
    dropAll() {
      for (const open of pending.all()) end(open, lost('shutdown', NO_ANSWER));
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
  add(open: OpenEvent): void;
  /** The thread need not answer for this one any more. */
  freed(open: OpenEvent): void;
  /** There is a new thread: begins anew, with these. */
  restart(all: readonly OpenEvent[]): void;
}

/** What a handover needs. */
export interface HandoverDeps {
  readonly post: (open: OpenEvent) => void;
  /** Whether the outcome of an event is still open. */
  readonly isOpen: (id: number) => boolean;
  readonly windowBytes: number;
}

/** Makes one with nothing in the thread. */
export function createHandover({ post, isOpen, windowBytes }: HandoverDeps): Handover {
  const inThread = new Set<number>();
  let bytes = 0;
  let waiting: OpenEvent[] = [];
  let head = 0;

  const hasRoom = (open: OpenEvent): boolean =>
    bytes === 0 || bytes + open.event.request.bytes <= windowBytes;

  function hand(open: OpenEvent): void {
    inThread.add(open.id);
    bytes += open.event.request.bytes;
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
      bytes -= open.event.request.bytes;
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
