import type { EventSummary } from '../config/options.ts';
import type { ClientConfig } from '../config/resolve.ts';
import type {
  Accepted,
  AttemptOf,
  AttemptOutcome,
  HaltCause,
  Lost,
  Outcome,
  Receipt,
} from '../outcome.ts';
import { HALT_REASONS, assertNever } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import type { Ids } from '../runtime/process.ts';
import type { SpoolStats } from '../spool/spool.ts';
import type { WireRequest } from '../wire/request.ts';
import type { SendScope } from './send-scope.ts';
import type { BreakerState } from './traffic.ts';

/** The whole way from an encoded event to its outcome. */
export interface Delivery extends Transport {
  /** The event is settled once, at once or later: in the ledger, on disk, or lost. Never throws. */
  send(event: PendingEvent): void;
  state(): DeliveryState;
  /** As in its state, and quick. */
  pendingBytes(): number;
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

/**
 * Sends one event; what can go wrong is an outcome and never an exception.
 * Concerns are added by wrapping: `withX(next, …)` takes a transport and gives one. What a wrapper
 * has to do when the event has ended it leaves with {@link PendingEvent.onEnd} on the way in.
 */
export interface Transport {
  send(event: PendingEvent): void;
}

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

/** What is done when an event has ended below; it hands the event on, and never throws. */
export type OnEnd = (event: PendingEvent, outcome: AttemptOutcome) => void;

/**
 * What an event takes in memory besides its body: its key, its limits, its place in the queue.
 * Measured on the heap of a process that holds a hundred thousand of them.
 */
const BESIDES_BODY = 768;

/** Bytes of memory that an event counts for while it waits; `maxPendingBytes` bounds their sum. */
export function heldBytes({ bytes }: { readonly bytes: number }): number {
  return bytes + BESIDES_BODY;
}

/** Refusals after which an event is rejected for what is in it. */
const MOST_REFUSALS = 3;
/** Wait before an event that was refused like a wrong configuration is tried again, ms. */
export const REFUSED_WAIT_MS = 60_000;

/**
 * An event that is under way: one object that all transports hand along, where a promise or a
 * closure in each of them was a quarter of what an event cost.
 *
 * What is left with `onEnd` is taken back in the opposite order, one by each `end`; when nothing is
 * left, nobody repeats the event any more, and its outcome is the last word.
 */
export class PendingEvent {
  readonly request: WireRequest;
  readonly context: SendContext;
  /** Of the token its last request was sent with; set by who sends it. */
  keyVersion = 0;
  #deadline: number;
  readonly #settled: (outcome: Outcome) => void;
  #way: (OnEnd | undefined)[] | undefined;
  #depth = 0;
  #failures = 0;
  #conflicts = 0;
  #refusals = 0;
  #refusalsThatCount = 0;
  #countedAt = -Infinity;
  #acceptances = -1;
  #begunAt = 0;
  #wake: AbortSignal | undefined;

  /** @param settled - called once, with the last word; it must not throw */
  constructor(request: WireRequest, context: SendContext, settled: (outcome: Outcome) => void) {
    this.request = request;
    this.context = context;
    this.#deadline = context.deadline;
    this.#settled = settled;
  }

  /** When it must be over, on the monotonic clock (ms). */
  get deadline(): number {
    return this.#deadline;
  }

  /** The process stood still: that was none of the event's time. */
  extend(deadline: number): void {
    this.#deadline = Math.max(this.#deadline, deadline);
  }

  /** What is to be done when the send that follows has ended. */
  onEnd(told: OnEnd): void {
    // As long as the longest chain: an array that grows takes four times the room at once.
    this.#way ??= [undefined, undefined, undefined, undefined, undefined];
    this.#way[this.#depth] = told;
    this.#depth += 1;
  }

  /** The send has ended; called by whoever the event was handed to, once. */
  end(outcome: AttemptOutcome): void {
    if (this.#depth === 0) {
      this.#settled(outcomeOf(outcome));
      return;
    }
    this.#depth -= 1;
    this.#way?.[this.#depth]?.(this, outcome);
  }

  /** Handing the event over has ended, whoever is still on the way. */
  settle(outcome: Outcome): void {
    this.#settled(outcome);
  }

  /** Attempts that failed in a way that may be repeated. */
  get failures(): number {
    return this.#failures;
  }

  /** Attempts after which the event is still to be sent. */
  get attempts(): number {
    return this.#failures + this.#refusals;
  }

  /**
   * It got the answer of a wrong configuration. Whether that is for what is in it: it was refused
   * three times, a minute apart, and between each the ledger took another event. A flush or a
   * `resume()` may repeat it earlier; that counts for nothing, since a gateway may be in trouble.
   *
   * @param acceptances - events the ledger has taken so far
   * @param now - monotonic clock, ms
   */
  refused(acceptances: number, now: number): boolean {
    this.#refusals += 1;
    if (acceptances > this.#acceptances && now >= this.#countedAt + REFUSED_WAIT_MS) {
      this.#refusalsThatCount += 1;
      this.#acceptances = acceptances;
      this.#countedAt = now;
    }
    return this.#refusalsThatCount >= MOST_REFUSALS;
  }

  /**
   * Whether a refusal says something of this event and not of the configuration: it was refused
   * before, and the ledger has taken others since.
   *
   * @param acceptances - events the ledger has taken so far
   */
  isSuspect(acceptances: number): boolean {
    return this.#refusals > 0 && acceptances > this.#acceptances;
  }

  /** An attempt failed; whether another may be made, as far as the answer goes. */
  failed({ once }: AttemptOf<'retryable'>): boolean {
    this.#failures += 1;
    if (once) this.#conflicts += 1;
    return this.#conflicts < 2;
  }

  /** An attempt begins: who hurries while it is under way means the wait after it too. */
  begin(now: number): void {
    this.#begunAt = now;
    this.#wake = this.context.scope.wake;
  }

  /** When the last attempt began, on the monotonic clock (ms). */
  get begunAt(): number {
    return this.#begunAt;
  }

  /** Ends the wait after the attempt that was begun last. */
  get wake(): AbortSignal {
    return this.#wake ?? this.context.scope.wake;
  }
}

/** The last word on an outcome that nothing repeats any more. */
export function outcomeOf(outcome: AttemptOutcome): Accepted | Lost {
  switch (outcome.kind) {
    case 'accepted':
    case 'dropped':
      return outcome;
    case 'quota':
    case 'misconfigured':
      return { kind: 'dropped', reason: HALT_REASONS[outcome.kind], failure: outcome.failure };
    case 'rejected':
      return { kind: 'dropped', reason: 'rejected', failure: outcome.failure };
    case 'retryable':
      return { kind: 'dropped', reason: 'retries_exhausted', failure: outcome.failure };
    default:
      return assertNever(outcome);
  }
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
  /** Whether a write has had no answer of the disk for 5 s: it is taken to hang. */
  readonly stalled: boolean;
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
  readonly halted: HaltCause | undefined;
  /** `undefined` without a spool. */
  readonly spool: SpoolState | undefined;
}

/** The options that delivery is made from. */
export type DeliveryConfig = Pick<
  ClientConfig,
  | 'apiKey'
  | 'endpoint'
  | 'proxy'
  | 'withheld'
  | 'headers'
  | 'timeoutMs'
  | 'retry'
  | 'concurrency'
  | 'maxPendingBytes'
  | 'quotaProbeMs'
  | 'spool'
  | 'dispatcher'
>;

/** What delivery reaches of the outside world. */
export interface DeliveryDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly diagnostics: Diagnostics;
  readonly events: DeliveryEvents;
  /** Whether each receipt is told on. */
  readonly wantsReceipts: boolean;
  /** Takes personal data out of the words of the ledger. */
  readonly redactText: (text: string) => string;
}
