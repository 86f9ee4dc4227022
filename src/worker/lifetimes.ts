import type { Lifetime, OwnLifetime } from '../delivery/lifetime.ts';
import { createLifetime, endReason } from '../delivery/lifetime.ts';
import type { Command, PlainCommand } from './protocol.ts';

/** The main thread's end of the lifetimes that have events in the thread. */
export interface LifetimeBridge {
  /** One more event depends on it. */
  hold(lifetime: Lifetime): void;
  /** The number under which the thread knows one that is held. */
  numberOf(lifetime: Lifetime): number;
  /** One event less; the last one lets go of the lifetime on both sides. */
  release(lifetime: Lifetime): void;
  /** Tells a new thread of all of them as they are now. */
  introduceAll(): void;
}

/** What a bridge needs. */
export interface LifetimeBridgeDeps {
  readonly tell: (command: PlainCommand) => void;
  /** The lifetime was ended while events depend on it; called once. */
  readonly onEnd: (lifetime: Lifetime) => void;
}

interface Held {
  readonly id: number;
  readonly unfollow: () => void;
  events: number;
}

/** Forwards what happens to a lifetime; returns how to stop that. */
function follow(lifetime: Lifetime, id: number, deps: LifetimeBridgeDeps): () => void {
  let watched = lifetime.wake;
  const onAbort = (): void => {
    deps.tell({ kind: 'abort', id, reason: endReason(lifetime) });
    deps.onEnd(lifetime);
  };
  const onWake = (): void => {
    watched = lifetime.wake;
    watched.addEventListener('abort', onWake, { once: true });
    if (lifetime.signal.aborted) return;
    deps.tell({ kind: lifetime.closing ? 'finish' : 'hurry', id });
  };
  lifetime.signal.addEventListener('abort', onAbort, { once: true });
  watched.addEventListener('abort', onWake, { once: true });
  return () => {
    lifetime.signal.removeEventListener('abort', onAbort);
    watched.removeEventListener('abort', onWake);
  };
}

/** Makes a bridge over which nothing goes yet. */
export function createLifetimeBridge(deps: LifetimeBridgeDeps): LifetimeBridge {
  const held = new Map<Lifetime, Held>();
  let lastId = 0;

  function introduce(lifetime: Lifetime, id: number): void {
    const { hold, closing, signal } = lifetime;
    const ended = signal.aborted ? endReason(lifetime) : undefined;
    deps.tell({ kind: 'lifetime', id, hold, closing, ended });
  }

  return {
    hold(lifetime) {
      const known = held.get(lifetime);
      if (known !== undefined) {
        known.events += 1;
        return;
      }
      const id = (lastId += 1);
      held.set(lifetime, { id, events: 1, unfollow: follow(lifetime, id, deps) });
      introduce(lifetime, id);
      if (lifetime.signal.aborted) deps.onEnd(lifetime);
    },
    numberOf(lifetime) {
      const known = held.get(lifetime);
      if (known === undefined)
        throw new TypeError('an event is pending whose lifetime is not held');
      return known.id;
    },
    release(lifetime) {
      const known = held.get(lifetime);
      if (known === undefined) return;
      known.events -= 1;
      if (known.events > 0) return;
      held.delete(lifetime);
      known.unfollow();
      deps.tell({ kind: 'release', id: known.id });
    },
    introduceAll() {
      for (const [lifetime, { id }] of held) introduce(lifetime, id);
    },
  };
}

type LifetimeCommand = Extract<
  Command,
  { kind: 'lifetime' | 'hurry' | 'finish' | 'release' | 'abort' }
>;

/** The thread's end of the lifetimes of the main thread. */
export interface LifetimeCopies {
  /** Does to the copy what was done to the lifetime. */
  apply(command: LifetimeCommand): void;
  /** The copy under a number. */
  get(id: number): Lifetime;
}

/** Makes an empty set. */
export function createLifetimeCopies(): LifetimeCopies {
  const copies = new Map<number, OwnLifetime>();

  function open(command: Extract<Command, { kind: 'lifetime' }>): void {
    const copy = createLifetime(command.hold);
    if (command.closing) copy.finish();
    if (command.ended !== undefined) copy.abort(command.ended);
    copies.set(command.id, copy);
  }

  return {
    apply(command) {
      switch (command.kind) {
        case 'lifetime':
          open(command);
          return;
        case 'hurry':
          copies.get(command.id)?.hurry();
          return;
        case 'finish':
          copies.get(command.id)?.finish();
          return;
        case 'abort':
          copies.get(command.id)?.abort(command.reason);
          return;
        case 'release':
          copies.delete(command.id);
      }
    },
    get(id) {
      const copy = copies.get(id);
      if (copy === undefined) throw new TypeError('an event names a lifetime that was never told');
      return copy;
    },
  };
}
