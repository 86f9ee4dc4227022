import type { SendScope } from '../delivery/send-scope.ts';
import { OwnSendScope, endReason } from '../delivery/send-scope.ts';
import type { Command, PlainCommand } from './protocol.ts';

/** The main thread's end of the scopes that have events in the thread. */
export interface ScopeBridge {
  /** One more event depends on it. */
  hold(scope: SendScope): void;
  /** The number under which the thread knows one that is held. */
  numberOf(scope: SendScope): number;
  /** One event less; the last one lets go of the scope on both sides. */
  release(scope: SendScope): void;
  /** Tells a new thread of all of them as they are now. */
  introduceAll(): void;
}

/** What a bridge needs. */
export interface ScopeBridgeDeps {
  readonly tell: (command: PlainCommand) => void;
  /** The scope was ended while events depend on it; called once. */
  readonly onEnd: (scope: SendScope) => void;
}

interface Held {
  readonly id: number;
  readonly unfollow: () => void;
  events: number;
}

/** Forwards what happens to a scope; returns how to stop that. */
function follow(scope: SendScope, id: number, deps: ScopeBridgeDeps): () => void {
  let watched = scope.wake;
  const onAbort = (): void => {
    deps.tell({ kind: 'abort', id, reason: endReason(scope) });
    deps.onEnd(scope);
  };
  const onWake = (): void => {
    watched = scope.wake;
    watched.addEventListener('abort', onWake, { once: true });
    if (scope.signal.aborted) return;
    deps.tell({ kind: scope.closing ? 'finish' : 'hurry', id });
  };
  scope.signal.addEventListener('abort', onAbort, { once: true });
  watched.addEventListener('abort', onWake, { once: true });
  return () => {
    scope.signal.removeEventListener('abort', onAbort);
    watched.removeEventListener('abort', onWake);
  };
}

/** Makes a bridge over which nothing goes yet. */
export function createScopeBridge(deps: ScopeBridgeDeps): ScopeBridge {
  const held = new Map<SendScope, Held>();
  let lastId = 0;

  function introduce(scope: SendScope, id: number): void {
    const { hold, closing, signal } = scope;
    const ended = signal.aborted ? endReason(scope) : undefined;
    deps.tell({ kind: 'scope', id, hold, closing, ended });
  }

  return {
    hold(scope) {
      const known = held.get(scope);
      if (known !== undefined) {
        known.events += 1;
        return;
      }
      const id = (lastId += 1);
      held.set(scope, { id, events: 1, unfollow: follow(scope, id, deps) });
      introduce(scope, id);
      if (scope.signal.aborted) deps.onEnd(scope);
    },
    numberOf(scope) {
      const known = held.get(scope);
      if (known === undefined) throw new TypeError('an event is pending whose scope is not held');
      return known.id;
    },
    release(scope) {
      const known = held.get(scope);
      if (known === undefined) return;
      known.events -= 1;
      if (known.events > 0) return;
      held.delete(scope);
      known.unfollow();
      deps.tell({ kind: 'release', id: known.id });
    },
    introduceAll() {
      for (const [scope, { id }] of held) introduce(scope, id);
    },
  };
}

type ScopeCommand = Extract<Command, { kind: 'scope' | 'hurry' | 'finish' | 'release' | 'abort' }>;

/** The thread's end of the scopes of the main thread. */
export interface ScopeCopies {
  /** Does to the copy what was done to the scope. */
  apply(command: ScopeCommand): void;
  /** The copy under a number. */
  get(id: number): SendScope;
}

/** Makes an empty set. */
export function createScopeCopies(): ScopeCopies {
  const copies = new Map<number, OwnSendScope>();

  function open(command: Extract<Command, { kind: 'scope' }>): void {
    const copy = new OwnSendScope(command.hold);
    if (command.closing) copy.finish();
    if (command.ended !== undefined) copy.abort(command.ended);
    copies.set(command.id, copy);
  }

  return {
    apply(command) {
      switch (command.kind) {
        case 'scope':
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
      if (copy === undefined) throw new TypeError('an event names a scope that was never told');
      return copy;
    },
  };
}
