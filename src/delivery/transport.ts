import type { SendOutcome } from '../outcome.ts';
import type { OutgoingRequest } from '../wire/wire-request.ts';
import type { Lifetime } from './lifetime.ts';

/** Under which limits a request is sent. */
export interface SendContext {
  /** When it must be over, on the monotonic clock (ms). */
  readonly deadline: number;
  /** Who may end it earlier. */
  readonly lifetime: Lifetime;
  /** Told of every repetition. */
  readonly onRetry: () => void;
}

/**
 * Sends one event. Never rejects: what can go wrong is an outcome.
 * Concerns are added by wrapping: `withX(next, …)` takes a transport and gives one.
 */
export interface Transport {
  send(request: OutgoingRequest, context: SendContext): Promise<SendOutcome>;
}
