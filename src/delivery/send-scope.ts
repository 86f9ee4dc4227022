import { ExporterError } from '../errors.ts';
import type { DropReason } from '../outcome.ts';
import type { Hold } from '../runtime/clock.ts';
import { AsyncResource } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';

/**
 * What may end the sends of one source early (a client, an exporter, one `send` call).
 *
 * - `signal` fires when nothing more may be sent; its reason is an {@link ExporterError}.
 * - `wake` fires when waits should end now and the next attempt be made; it is renewed after.
 * - `closing` means that the end is near: waits are short from now on.
 */
export interface SendScope {
  readonly signal: AbortSignal;
  readonly wake: AbortSignal;
  readonly closing: boolean;
  readonly hold: Hold;
}

/** A scope with its controls. */
export class OwnSendScope implements SendScope {
  readonly hold: Hold;
  readonly #end = createController();
  #wake = createController();
  #closing = false;

  /** Nothing limits it yet. */
  constructor(hold: Hold) {
    this.hold = hold;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get wake(): AbortSignal {
    return this.#wake.signal;
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** Ends the waits under way; the next attempt is made at once. */
  hurry(): void {
    const waiting = this.#wake;
    this.#wake = createController();
    waiting.abort();
  }

  /** Ends the waits under way, and keeps those that follow short: the end is near. */
  finish(): void {
    this.#closing = true;
    this.hurry();
  }

  /** Ends everything now. */
  abort(reason: DropReason): void {
    this.#closing = true;
    this.#end.abort(new ExporterError(reason, 'sending was ended'));
    this.hurry();
  }
}

// Every send under way listens; Node would take more than ten for a leak, and say so.
function createController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** Why a scope was ended. */
export function endReason(scope: SendScope): DropReason {
  const reason: unknown = scope.signal.reason;
  return reason instanceof ExporterError && reason.code !== 'config_invalid'
    ? reason.code
    : 'aborted';
}

/** A scope that ends with its parent or with the caller's signal, whichever is first. */
export interface JoinedScope {
  readonly scope: SendScope;
  /** Lets go of both; to be called when the send is settled. */
  readonly release: () => void;
}

/**
 * Joins a parent's scope with the signal a caller gave for one send. Written out instead of
 * `AbortSignal.any`, which in Node 20 keeps every joined signal alive as long as its source.
 */
export function joinSignal(parent: SendScope, signal: AbortSignal): JoinedScope {
  const child = new OwnSendScope('process');
  if (parent.signal.aborted) child.abort('shutdown');
  if (signal.aborted) child.abort('aborted');
  if (parent.closing) child.finish();
  // Whoever fires the signal does it in a context of his own, in which nothing is to be sent.
  const onAbort = AsyncResource.bind(() => {
    child.abort('aborted');
  });
  const unfollow = follow(parent, child);
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    scope: child,
    release() {
      unfollow();
      signal.removeEventListener('abort', onAbort);
    },
  };
}

function follow(parent: SendScope, child: OwnSendScope): () => void {
  const onAbort = (): void => {
    child.abort('shutdown');
  };
  const onWake = (): void => {
    if (parent.closing) child.finish();
    else child.hurry();
    parent.wake.addEventListener('abort', onWake, { once: true });
    watched = parent.wake;
  };
  let watched = parent.wake;
  parent.signal.addEventListener('abort', onAbort, { once: true });
  watched.addEventListener('abort', onWake, { once: true });
  return () => {
    parent.signal.removeEventListener('abort', onAbort);
    watched.removeEventListener('abort', onWake);
  };
}

/** Wants to know when a signal fires. */
export interface AbortWatcher {
  aborted(): void;
}

const watchersOf = new WeakMap<AbortSignal, Set<AbortWatcher>>();

/**
 * Those that are told when a signal fires; add one, or take it out again. All that watch one
 * signal share one listener of it: thousands of requests watch the same one, and adding a listener
 * costs more than a `Set` does.
 */
export function abortWatchers(signal: AbortSignal): Set<AbortWatcher> {
  return watchersOf.get(signal) ?? watch(signal);
}

function watch(signal: AbortSignal): Set<AbortWatcher> {
  const watchers = new Set<AbortWatcher>();
  watchersOf.set(signal, watchers);
  setMaxListeners(0, signal);
  signal.addEventListener(
    'abort',
    () => {
      for (const watcher of watchers) watcher.aborted();
    },
    { once: true },
  );
  return watchers;
}

/**
 * Counts work that is under way, by stages: a new one begins with each `settled`, so that who waits
 * need not wait for what began after, and a piece of work costs two additions.
 */
export class InFlight {
  readonly #open = new Map<number, number>();
  #stage = 0;
  #waiting: { readonly stage: number; readonly resolve: () => void }[] = [];

  /** A piece of work begins; gives what `ended` must be told. */
  begun(): number {
    this.#open.set(this.#stage, (this.#open.get(this.#stage) ?? 0) + 1);
    return this.#stage;
  }

  ended(stage: number): void {
    const left = (this.#open.get(stage) ?? 0) - 1;
    if (left > 0) this.#open.set(stage, left);
    else {
      this.#open.delete(stage);
      if (this.#waiting.length > 0) this.#resolveWaiting();
    }
  }

  /** Whether anything is under way. */
  get any(): boolean {
    return this.#open.size > 0;
  }

  /** Resolves when everything that is under way now has ended. */
  settled(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    const stage = this.#stage;
    this.#stage += 1;
    return new Promise((resolve) => {
      this.#waiting.push({ stage, resolve });
    });
  }

  #resolveWaiting(): void {
    const oldest = Math.min(...this.#open.keys());
    const over = this.#waiting.filter(({ stage }) => stage < oldest);
    this.#waiting = this.#waiting.filter(({ stage }) => stage >= oldest);
    for (const { resolve } of over) resolve();
  }
}
