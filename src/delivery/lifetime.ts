import { setMaxListeners } from 'node:events';
import { ExporterError } from '../errors.ts';
import type { DropReason } from '../outcome.ts';
import type { Hold } from '../runtime/clock.ts';

/**
 * How long the sends of one owner (a client, an exporter, one `send` call) may go on.
 *
 * - `signal` fires when nothing more may be sent; its reason is an {@link ExporterError}.
 * - `wake` fires when waits should end now and the next attempt be made; it is renewed after.
 * - `closing` means that the attempt under way is the last one.
 */
export interface Lifetime {
  readonly signal: AbortSignal;
  readonly wake: AbortSignal;
  readonly closing: boolean;
  readonly hold: Hold;
}

/** A lifetime with its controls. */
export interface OwnLifetime extends Lifetime {
  /** Ends the waits under way; the next attempt is made at once. */
  hurry(): void;
  /** Ends the waits under way; after the attempt that follows there is no other. */
  finish(): void;
  /** Ends everything now. */
  abort(reason: DropReason): void;
}

// Every send under way listens; Node would take more than ten for a leak, and say so.
function createController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** Makes a lifetime that nothing limits yet. */
export function createLifetime(hold: Hold): OwnLifetime {
  const end = createController();
  let wake = createController();
  let closing = false;
  const hurry = (): void => {
    const waiting = wake;
    wake = createController();
    waiting.abort();
  };
  return {
    hold,
    signal: end.signal,
    get wake() {
      return wake.signal;
    },
    get closing() {
      return closing;
    },
    hurry,
    finish() {
      closing = true;
      hurry();
    },
    abort(reason) {
      closing = true;
      end.abort(new ExporterError(reason, 'sending was ended'));
      hurry();
    },
  };
}

/** Why a lifetime was ended. */
export function endReason(lifetime: Lifetime): DropReason {
  const reason: unknown = lifetime.signal.reason;
  return reason instanceof ExporterError && reason.code !== 'config_invalid'
    ? reason.code
    : 'aborted';
}
