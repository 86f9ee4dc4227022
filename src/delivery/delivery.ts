import type { EventSummary } from '../config/options.ts';
import type { AttemptOutcome, Outcome, Receipt } from '../outcome.ts';
import type { SpoolStats } from '../spool/spool.ts';
import type { WireRequest } from '../wire/request.ts';
import type { SendScope } from './send-scope.ts';
import type { BreakerState } from './traffic.ts';

/** What events are sent under; one object serves all of a batch. */
export interface SendContext {
  /** Which exporter or client they belong to; 0 for the client itself. */
  readonly sourceId: number;
  /** When it must be over, on the monotonic clock (ms). */
  readonly deadline: number;
  /** What may end it earlier. */
  readonly scope: SendScope;
  /** Whether somebody wants to know when it is in the ledger, beyond its being on disk. */
  readonly awaited: boolean;
  /** Whether anybody reads the receipt; if not, its fields may stay empty. */
  readonly wantsReceipt: boolean;
  /** Told of every repetition. */
  readonly onRetry: () => void;
}

/** Told how a send ended: once, at once or later. It never throws. */
export type OnOutcome = (outcome: AttemptOutcome) => void;

/**
 * Sends one event; what can go wrong is an outcome and never an exception.
 * Concerns are added by wrapping: `withX(next, …)` takes a transport and gives one.
 *
 * The end is told by a call and not by a promise: an event passes half a dozen of these, and a
 * promise for each of them was a quarter of what an event cost.
 */
export interface Transport {
  send(request: WireRequest, context: SendContext, done: OnOutcome): void;
}

/** Told of events that were on disk before. */
export interface DeliveryEvents {
  delivered(sourceId: number, receipt: Receipt, summary: () => EventSummary): void;
  quarantined(sourceId: number, status: number | undefined, summary: () => EventSummary): void;
  retried(sourceId: number): void;
  /** So many events of earlier processes were found on disk. */
  recovered(count: number): void;
}

/** What the spool of a client holds. */
export interface SpoolState extends SpoolStats {
  /** Whether the ledger is asked: `closed` it is, `open` it does not answer, `half_open` one event finds out. */
  readonly breaker: BreakerState['kind'];
  /** Events put into quarantine by this process, by HTTP status. */
  readonly quarantinedByStatus: Readonly<Record<string, number>>;
}

/** The state of a delivery at one moment. */
export interface DeliveryState {
  /** Bytes of memory taken by events that are neither settled nor on disk. */
  readonly pendingBytes: number;
  /** Why nothing is sent; `undefined` while traffic flows. */
  readonly halted: 'quota' | 'misconfigured' | undefined;
  /** `undefined` without a spool. */
  readonly spool: SpoolState | undefined;
}

/** The whole way from an encoded event to its outcome. */
export interface Delivery {
  /**
   * Calls `done` once, at once or later, when the event is settled or, with a spool, on disk. Never
   * throws, and `done` must not.
   */
  deliver(request: WireRequest, context: SendContext, done: (outcome: Outcome) => void): void;
  state(): DeliveryState;
  /** Lifts a halt. */
  resume(): void;
  /**
   * For what is on disk: resolves when it is in the ledger, or when nothing can be sent for now.
   * Waits are cut short.
   */
  flush(): Promise<void>;
  /**
   * To be called when nothing is being handed over any more: what is on disk is sent for at most
   * so many ms, the rest stays there; then everything is closed.
   */
  close(limitMs: number): Promise<void>;
}
