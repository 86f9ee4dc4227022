import type { Lifetime, OwnLifetime } from '../lifetime.ts';
import { createLifetime } from '../lifetime.ts';
import type { Command } from './protocol.ts';

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
