import { CLIENT } from '../config/option-table.ts';
import type { ClientCore } from '../core.ts';
import type { Clock } from '../runtime/clock.ts';
import { endsWithin } from '../runtime/clock.ts';
import type { Processor, Stoppable } from './sdk.ts';
import { constants } from 'node:os';

/** What is to be brought to an end. */
export interface EndingParts {
  readonly sdk: Stoppable;
  readonly processors: readonly Processor[];
  readonly cores: readonly EndingCore[];
}

/** The part of a client that is used here. */
type EndingCore = Pick<ClientCore, 'finish' | 'close'> & {
  readonly config: Pick<ClientCore['config'], 'shutdownTimeoutMs'>;
};

/** The part of the budget in which a failed attempt is still repeated. */
const PATIENT = 0.6;

/** Ends a set-up within its budget. */
export class Endings {
  /** Time for the end in ms, all in all. */
  readonly budgetMs: number;
  readonly #parts: EndingParts;
  readonly #clock: Clock;

  constructor(parts: EndingParts, clock: Clock) {
    this.#parts = parts;
    this.#clock = clock;
    const budgets = parts.cores.map(({ config }) => config.shutdownTimeoutMs);
    this.budgetMs = budgets.length === 0 ? CLIENT.shutdownTimeoutMs.preset : Math.max(...budgets);
  }

  /** Sends what is there; the application goes on. Resolves to whether it was done in time. */
  flush(withinMs: number): Promise<boolean> {
    const flushed = this.#parts.processors.map(async (each) => each.forceFlush());
    return endsWithin(this.#clock, Promise.allSettled(flushed), { ms: withinMs, hold: 'process' });
  }

  /**
   * Sends what is there and closes everything.
   *
   * The processors of the SDK hand over batch after batch and wait for each as long as its exporter
   * takes; nothing bounds the sum. So they are given time, then haste, then an end.
   */
  async drain(withinMs: number): Promise<void> {
    const { sdk, processors, cores } = this.#parts;
    const clock = this.#clock;
    const started = clock.now();
    const left = (share: number): number => Math.max(0, started + withinMs * share - clock.now());
    // Each by itself: the SDK gives up with the first processor that fails.
    const parts = [sdk, ...processors].map(async (part) => part.shutdown());
    const handedOver = Promise.allSettled(parts);
    if (!(await endsWithin(clock, handedOver, { ms: left(PATIENT), hold: 'process' }))) {
      for (const core of cores) core.finish();
      await endsWithin(clock, handedOver, { ms: left(1), hold: 'process' });
    }
    await Promise.all(cores.map((core) => core.close(left(1))));
  }
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

/** The part of the budget that is for what the application still does meanwhile. */
const FLUSH_SHARE = 0.3;

/** After a signal that the application takes care of, time between two flushes in ms. */
const FLUSH_EVERY_MS = 200;

/**
 * Loses nothing when the process ends, and leaves the end as it would have been.
 *
 * - On `SIGTERM` and `SIGINT` everything is sent, then the process exits with 128 + the number of
 *   the signal, which is what its parent would have seen. A second signal ends it at once.
 * - Where the application listens to the signal itself, the end is its own affair: records are
 *   sent on and on until it comes.
 * - When nothing is left to do everything is sent, and the process exits as it would have.
 */
export class EndingGuard {
  readonly #target: EndingProcess;
  readonly #endings: Pick<Endings, 'budgetMs' | 'flush' | 'drain'>;
  readonly #clock: Clock;
  readonly #flushMs: number;
  #ending = false;
  #flushed: Promise<boolean> | undefined;
  #drained: Promise<void> | undefined;

  constructor(
    target: EndingProcess,
    endings: Pick<Endings, 'budgetMs' | 'flush' | 'drain'>,
    clock: Clock,
  ) {
    this.#target = target;
    this.#endings = endings;
    this.#clock = clock;
    this.#flushMs = endings.budgetMs * FLUSH_SHARE;
  }

  /** From now on the process is guarded. */
  watch(): void {
    for (const signal of SIGNALS) this.#listen(signal);
    this.#target.on('beforeExit', () => {
      this.#onNaturalEnd();
    });
  }

  #listen(signal: EndingSignal): void {
    let seen = false;
    // First in line: a listener that is called once is gone from the list when its turn is over.
    this.#target.prependListener(signal, () => {
      const deferring = deferringListeners(globalThis, this.#target);
      if (this.#target.listenerCount(signal) - 1 - deferring <= 0) this.#end(signal);
      else if (!seen) {
        seen = true;
        this.#flushOnAndOn();
      }
    });
  }

  #end(signal: EndingSignal): void {
    const exit = (): void => {
      this.#target.exit(128 + constants.signals[signal]);
    };
    if (this.#ending) {
      exit();
      return;
    }
    this.#ending = true;
    // What is recorded during the flush goes with the drain; after that the process is gone.
    this.#endings
      .flush(this.#flushMs)
      .then(() => this.#drainOnce())
      .then(exit, exit);
  }

  #flushOnAndOn(): void {
    const again = (): void => {
      const run = (): void => {
        this.#flushOnAndOn();
      };
      this.#clock.after({ ms: FLUSH_EVERY_MS, hold: 'background', run });
    };
    this.#endings.flush(this.#endings.budgetMs).then(again, again);
  }

  #onNaturalEnd(): void {
    // Another listener may have a last thing to do after the flush; then this comes once more.
    if (this.#flushed !== undefined) void this.#drainOnce();
    else {
      this.#flushed = this.#endings.flush(this.#flushMs);
      void this.#flushed.then((inTime) => (inTime ? undefined : this.#drainOnce()));
    }
  }

  #drainOnce(): Promise<void> {
    this.#drained ??= this.#endings.drain(this.#endings.budgetMs - this.#flushMs);
    return this.#drained;
  }
}

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
