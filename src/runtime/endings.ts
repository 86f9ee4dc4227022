import process from 'node:process';
import type { Clock } from './clock.ts';
import { endsWithin, systemClock } from './clock.ts';
import type { OpenClient } from './open-clients.ts';
import { LAST_WORD_MS, SHUTDOWN_TIMEOUT_MS, openClients } from './open-clients.ts';
import { constants } from 'node:os';

/** What {@link stopOnExit} ends: it has at least one of these methods. */
export type Stoppable =
  | {
      /** As `NodeSDK`, providers, processors and exporters have it. */
      shutdown(): Promise<unknown>;
    }
  | {
      /** As `ImmutableLogClient` has it. */
      close(): Promise<unknown>;
    };

/**
 * Loses nothing when the process ends: flushes and closes these things, and the clients of this
 * package that stand behind them, on `SIGTERM`, on `SIGINT` and when nothing is left to do. All of it
 * takes `shutdownTimeoutMs` at most.
 *
 * - The exit code is the one without it: 128 + the number of the signal, or that of the program. A
 *   second signal ends the process at once.
 * - Where the program listens to the signal itself, it ends when it likes, by `process.exit()`:
 *   records are sent on and on until then.
 * - `process.exit()` called by the program leaves no time: await `client.flush()`, or the flush of a
 *   provider, before it.
 * - One that throws, rejects or hangs stops none of the others. May be called more than once, also
 *   beside `./register`.
 *
 * @param things - the SDK, providers, processors, exporters, clients; without any, the clients of the
 * process
 * @returns takes it back, for tests and for programs that are loaded anew
 *
 * @example
 * ```ts
 * const sdk = new NodeSDK({ spanProcessors: [new ImmutableLogSpanProcessor()] });
 * sdk.start();
 * stopOnExit(sdk);
 * ```
 */
export function stopOnExit(...things: readonly Stoppable[]): () => void {
  return processGuard().add(new Endings({ things, clients: openClients }, systemClock));
}

/** Something that is flushed and ended, by whichever of these it has. */
export interface Endable {
  forceFlush?(): Promise<unknown>;
  flush?(): Promise<unknown>;
  shutdown?(): Promise<unknown>;
  close?(): Promise<unknown>;
}

/** What is to be brought to an end. */
export interface EndingParts {
  /** The SDK, providers, processors, exporters, clients. */
  readonly things: readonly Endable[];
  /** The clients of the process at the time, which all of these stand on. */
  readonly clients: () => readonly OpenClient[];
}

/** The part of the budget in which a failed attempt is still repeated. */
const PATIENT = 0.6;

/** Flushes and ends things, and the clients behind them, within their budget. */
export class Endings {
  readonly #parts: EndingParts;
  readonly #clock: Clock;
  #lostTold = 0;

  constructor(parts: EndingParts, clock: Clock) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** Time for the end in ms, all in all. */
  get budgetMs(): number {
    const budgets = this.#parts.clients().map(({ shutdownTimeoutMs }) => shutdownTimeoutMs);
    return budgets.length === 0 ? SHUTDOWN_TIMEOUT_MS : Math.max(...budgets);
  }

  /**
   * Sends what is there; the application goes on. Resolves to whether all of it was settled in time.
   *
   * The processors of the SDK do not wait for a batch that is being exported; the clients know of it.
   */
  async flush(withinMs: number): Promise<boolean> {
    const { things, clients } = this.#parts;
    const clock = this.#clock;
    const until = clock.now() + withinMs;
    const flushed = Promise.allSettled(
      things.map(async (each) => (each.forceFlush ? each.forceFlush() : each.flush?.())),
    );
    const inTime = await endsWithin(clock, flushed, { ms: withinMs, hold: 'process' });
    const left = Math.max(0, until - clock.now());
    const settled = await Promise.all(clients().map((client) => client.settle(left)));
    return inTime && settled.every(Boolean);
  }

  /** As `flush`, and `false` also where an event was lost since this was asked last. */
  async flushAndTell(withinMs: number): Promise<boolean> {
    const settled = await this.flush(withinMs);
    const before = this.#lostTold;
    this.#lostTold = this.#parts.clients().reduce((sum, client) => sum + client.lost(), 0);
    return settled && this.#lostTold <= before;
  }

  /**
   * Sends what is there and closes everything; clients last, since all others stand on them.
   *
   * The processors of the SDK hand over batch after batch and wait for each as long as its exporter
   * takes; nothing bounds the sum. So they are given time, then haste, then an end.
   */
  async drain(withinMs: number): Promise<void> {
    const { things, clients } = this.#parts;
    const clock = this.#clock;
    const started = clock.now();
    const left = (share: number): number => Math.max(0, started + withinMs * share - clock.now());
    // Each by itself: the SDK gives up with the first processor that fails.
    const handedOver = Promise.allSettled(things.map(async (each) => each.shutdown?.()));
    if (!(await endsWithin(clock, handedOver, { ms: left(PATIENT), hold: 'process' }))) {
      for (const client of clients()) client.finish();
      await endsWithin(clock, handedOver, { ms: left(1), hold: 'process' });
    }
    const closing = things.filter((each) => !('shutdown' in each));
    const closed = Promise.allSettled([
      ...clients().map((client) => client.close(left(1))),
      ...closing.map(async (each) => each.close?.()),
    ]);
    await endsWithin(clock, closed, { ms: left(1) + LAST_WORD_MS, hold: 'process' });
  }
}

/** The ways in which a process is told to end that are looked after here. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
type EndingSignal = (typeof SIGNALS)[number];

/** The part of `process` that is used here. */
export interface EndingProcess {
  on(event: 'beforeExit', listener: () => void): unknown;
  prependListener(event: EndingSignal, listener: () => void): unknown;
  off(event: 'beforeExit' | EndingSignal, listener: () => void): unknown;
  listenerCount(event: EndingSignal): number;
  exit(code: number): void;
}

type Guarded = Pick<Endings, 'budgetMs' | 'flush' | 'drain'>;

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
 *
 * One guard is for all that is to be ended in a process: two would each take the other for the
 * application.
 */
export class EndingGuard {
  readonly #target: EndingProcess;
  readonly #clock: Clock;
  readonly #guarded = new Set<Guarded>();
  #unwatch: () => void = () => {};
  #ending = false;
  #flushed: Promise<boolean> | undefined;
  #drained: Promise<unknown> | undefined;

  constructor(target: EndingProcess, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
  }

  /**
   * From now on these endings are seen to.
   *
   * @returns how to take that back
   */
  add(endings: Guarded): () => void {
    if (this.#guarded.size === 0) this.#watch();
    this.#guarded.add(endings);
    return () => {
      if (this.#guarded.delete(endings) && this.#guarded.size === 0) this.#unwatch();
    };
  }

  #watch(): void {
    const onBeforeExit = (): void => {
      this.#onNaturalEnd();
    };
    this.#target.on('beforeExit', onBeforeExit);
    const listeners = SIGNALS.map((signal) => [signal, this.#listen(signal)] as const);
    this.#unwatch = () => {
      this.#target.off('beforeExit', onBeforeExit);
      for (const [signal, listener] of listeners) this.#target.off(signal, listener);
    };
  }

  #listen(signal: EndingSignal): () => void {
    let seen = false;
    const listener = (): void => {
      const deferring = deferringListeners(globalThis, this.#target);
      if (this.#target.listenerCount(signal) - 1 - deferring <= 0) this.#end(signal);
      else if (!seen) {
        seen = true;
        this.#flushOnAndOn();
      }
    };
    // First in line: a listener that is called once is gone from the list when its turn is over.
    this.#target.prependListener(signal, listener);
    return listener;
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
    this.#flush(FLUSH_SHARE)
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
    this.#flush(1).then(again, again);
  }

  #onNaturalEnd(): void {
    // Another listener may have a last thing to do beside the flush; so this is to come once more.
    if (this.#flushed !== undefined) void this.#drainOnce();
    else {
      this.#flushed = this.#flush(FLUSH_SHARE);
      void this.#flushed.then((inTime) => (inTime ? this.#comeAgain() : this.#drainOnce()));
    }
  }

  /** `beforeExit` comes again only where something was done since, such as a timer. */
  #comeAgain(): void {
    this.#clock.after({ ms: 1, hold: 'process', run: () => {} });
  }

  async #flush(share: number): Promise<boolean> {
    const all = [...this.#guarded].map((each) => each.flush(each.budgetMs * share));
    return (await Promise.all(all)).every(Boolean);
  }

  #drainOnce(): Promise<unknown> {
    const rest = 1 - FLUSH_SHARE;
    this.#drained ??= Promise.all(
      [...this.#guarded].map((each) => each.drain(each.budgetMs * rest)),
    );
    return this.#drained;
  }
}

// The package may be in a process twice, as ES module and as CommonJS.
const GUARD = Symbol.for('opentelemetry-exporter-immutablelog.guard.1');

/** The guard of this process, of all copies of the package. */
export function processGuard(): Pick<EndingGuard, 'add'> {
  const known: unknown = Reflect.get(globalThis, GUARD);
  // Nobody else knows the symbol.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (known !== undefined) return known as EndingGuard;
  const guard = new EndingGuard(process, systemClock);
  Object.defineProperty(globalThis, GUARD, { value: guard });
  return guard;
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
