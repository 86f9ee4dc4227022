import type { Lifetime } from '../lifetime.ts';
import { endReason } from '../lifetime.ts';
import type { PlainCommand } from './protocol.ts';

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
