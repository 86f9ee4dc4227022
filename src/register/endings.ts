import type { Clock } from '../runtime/clock.ts';
import { endsWithin } from '../runtime/clock.ts';
import type { Stoppable } from './sdk.ts';
import { constants } from 'node:os';

/** What is to be brought to an end. */
export interface Drain {
  /** The SDK and, each by itself, the processors: the SDK gives up with the first that fails. */
  readonly parts: readonly Stoppable[];
  /** The client that all of it goes through; `undefined` where there is none. */
  readonly client:
    | {
        /** From now on each event gets one attempt and no other. */
        finish(): void;
        /** Ends everything after so many ms at the latest. */
        close(withinMs: number): Promise<void>;
      }
    | undefined;
  /** Time for all of it in ms. */
  readonly budgetMs: number;
}

/** The part of the budget in which a failed attempt is still repeated. */
const PATIENT = 0.6;

/**
 * Ends a set-up within its budget.
 *
 * The processors of the SDK hand over batch after batch and wait for each as long as its exporter
 * takes; nothing bounds the sum. So they are given time, then haste, then an end.
 */
export async function drain({ parts, client, budgetMs }: Drain, clock: Clock): Promise<void> {
  const started = clock.now();
  const left = (share: number): number => Math.max(0, started + budgetMs * share - clock.now());
  const handedOver = Promise.allSettled(parts.map(async (part) => part.shutdown()));
  if (!(await endsWithin(clock, handedOver, { ms: left(PATIENT), hold: 'process' }))) {
    client?.finish();
    await endsWithin(clock, handedOver, { ms: left(1), hold: 'process' });
  }
  await client?.close(left(1));
}

/** The ways in which a process is told to end that are looked after here. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
type EndingSignal = (typeof SIGNALS)[number];

/** The part of `process` that is used here. */
export interface EndingProcess {
  on(event: 'beforeExit', listener: () => void): unknown;
  prependListener(event: EndingSignal, listener: () => void): unknown;
  listenerCount(event: EndingSignal): number;
  exit(code: number): void;
}

/** What has to happen before the end. */
export interface Endings {
  /** Sends what is there; the application goes on. Resolves to whether it was done in time. */
  flush(withinMs: number): Promise<boolean>;
  /** Sends what is there and closes everything. */
  drain(withinMs: number): Promise<void>;
  /** Time for the end in ms, all in all. */
  readonly budgetMs: number;
}

/** The part of the budget that is for what the application still does meanwhile. */
const FLUSH_SHARE = 0.3;

/** After a signal that the application takes care of, time between two flushes in ms. */
const FLUSH_EVERY_MS = 200;

/**
 * Listeners of `signal-exit` (versions 3 and 4), which comes with many packages: it ends the
 * process only when nobody else listens, and so do we. Two who wait for each other would never
 * end.
 */
function deferringListeners(globals: object, target: object): number {
  const emitters: unknown[] = [
    Reflect.get(globals, Symbol.for('signal-exit emitter')),
    Reflect.get(target, '__signal_exit_emitter__'),
  ];
  return emitters.reduce<number>((sum, emitter) => {
    const count: unknown =
      typeof emitter === 'object' && emitter !== null ? Reflect.get(emitter, 'count') : 0;
    return sum + (typeof count === 'number' ? count : 0);
  }, 0);
}

/**
 * Loses nothing when the process ends, and leaves the end as it would have been.
 *
 * - On `SIGTERM` and `SIGINT` everything is sent, then the process exits with 128 + the number of
 *   the signal, which is what its parent would have seen. A second signal ends it at once.
 * - Where the application listens to the signal itself, the end is its own affair: records are
 *   sent on and on until it comes.
 * - When nothing is left to do everything is sent, and the process exits as it would have.
 */
export function guardEndings(target: EndingProcess, endings: Endings, clock: Clock): void {
  const { budgetMs } = endings;
  const flushMs = budgetMs * FLUSH_SHARE;
  let ending = false;
  let flushed: Promise<boolean> | undefined;
  let drained: Promise<void> | undefined;

  function drainOnce(): Promise<void> {
    drained ??= endings.drain(budgetMs - flushMs);
    return drained;
  }

  function flushOnAndOn(): void {
    const again = (): void => {
      clock.after({ ms: FLUSH_EVERY_MS, hold: 'background', run: flushOnAndOn });
    };
    endings.flush(budgetMs).then(again, again);
  }

  function end(signal: EndingSignal): void {
    const code = 128 + constants.signals[signal];
    const exit = (): void => {
      target.exit(code);
    };
    if (ending) {
      exit();
      return;
    }
    ending = true;
    // What is recorded during the flush goes with the drain; after that the process is gone.
    endings.flush(flushMs).then(drainOnce).then(exit, exit);
  }

  for (const signal of SIGNALS) {
    let seen = false;
    // First in line: a listener that is called once is gone from the list when its turn is over.
    target.prependListener(signal, () => {
      const others = target.listenerCount(signal) - 1 - deferringListeners(globalThis, target);
      if (others <= 0) end(signal);
      else if (!seen) {
        seen = true;
        flushOnAndOn();
      }
    });
  }

  target.on('beforeExit', () => {
    // Another listener may have a last thing to do after the flush; then this comes once more.
    if (flushed !== undefined) void drainOnce();
    else {
      flushed = endings.flush(flushMs);
      void flushed.then((inTime) => (inTime ? undefined : drainOnce()));
    }
  });
}
