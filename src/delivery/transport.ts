import type { SendOutcome } from '../outcome.ts';
import type { WireRequest } from '../wire/wire-request.ts';
import type { Lifetime } from './lifetime.ts';

/** Under which limits a request is sent; one object serves all events of a batch. */
export interface SendContext {
  /** When it must be over, on the monotonic clock (ms). */
  readonly deadline: number;
  /** Who may end it earlier. */
  readonly lifetime: Lifetime;
  /** Whether anybody reads the receipt; if not, its fields may stay empty. */
  readonly wantsReceipt: boolean;
  /** Told of every repetition. */
  readonly onRetry: () => void;
}

/** Told how a send ended: once, at once or later. It never throws. */
export type OnOutcome = (outcome: SendOutcome) => void;

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
