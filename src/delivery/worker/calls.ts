import type { PlainCommand } from './protocol.ts';

/** A command that is answered when it is done. */
export type Call =
  | { readonly kind: 'flush' }
  | { readonly kind: 'close'; readonly limitMs: number };

/** Calls that are not answered yet. */
export interface Calls {
  /** Makes a call; resolves when it is done. */
  make(call: Call): Promise<void>;
  done(id: number): void;
  /** Makes the open ones again, for a new thread. */
  repeat(): void;
  /** Ends the open ones otherwise: each ends when the given work does. */
  endWith(work: () => Promise<void>): void;
}

/** Makes a book of calls that holds none. */
export function createCalls(tell: (command: PlainCommand) => void): Calls {
  const open = new Map<number, { readonly call: Call; readonly resolve: () => void }>();
  let lastId = 0;
  return {
    make(call) {
      const id = (lastId += 1);
      return new Promise((resolve) => {
        open.set(id, { call, resolve });
        tell({ ...call, id });
      });
    },
    done(id) {
      open.get(id)?.resolve();
      open.delete(id);
    },
    repeat() {
      for (const [id, { call }] of open) tell({ ...call, id });
    },
    endWith(work) {
      const ended = [...open.values()];
      open.clear();
      if (ended.length === 0) return;
      void work().then(() => {
        for (const { resolve } of ended) resolve();
      });
    },
  };
}
