import { FIRST_PREVIOUS_HASH, checkEntry } from './check-entry.ts';
import type { ViewedEntry } from './viewed-entry.ts';

/** How far the chain is verified. */
export interface ChainState {
  /** Entries from the first on that hold. */
  readonly verified: number;
  /** The first that does not: its index and what is wrong; nothing after it can be trusted. */
  readonly broken?: { readonly index: number; readonly reason: string };
}

/** What the chain says about one entry. */
export type EntryStanding = 'verified' | 'broken' | 'after-broken' | 'pending';

/** Verifies a growing list of entries, each of them once. */
export interface ChainWatch {
  readonly state: ChainState;
  /** Goes on with what is new; resolves when all that is there was looked at. */
  run(): Promise<void>;
  /** Starts anew, with an empty list. */
  reset(): void;
}

/** Steps after which progress is told. */
const TELL_EVERY = 250;

/** Creates the watch over a list that only grows; `onProgress` is called as the state changes. */
export function watchChain(
  entryAt: (index: number) => ViewedEntry | undefined,
  onProgress: () => void,
): ChainWatch {
  let state: ChainState = { verified: 0 };
  let head = FIRST_PREVIOUS_HASH;
  let generation = 0;
  let running: Promise<void> | undefined;

  async function verify(): Promise<void> {
    for (;;) {
      const started = generation;
      const index = state.verified;
      const entry = state.broken === undefined ? entryAt(index) : undefined;
      if (entry === undefined) return;
      const reason = await checkEntry(entry, { sequence: index + 1, previousHash: head });
      // What was looked at belongs to a list that is gone.
      if (started !== generation) continue;
      if (reason === undefined) {
        head = entry.hash;
        state = { verified: index + 1 };
      } else state = { verified: index, broken: { index, reason } };
      if (state.verified % TELL_EVERY === 0) onProgress();
    }
  }

  return {
    get state() {
      return state;
    },
    run() {
      running ??= verify().finally(() => {
        running = undefined;
        onProgress();
      });
      return running;
    },
    reset() {
      generation += 1;
      state = { verified: 0 };
      head = FIRST_PREVIOUS_HASH;
    },
  };
}

/** What a chain state says about the entry at an index. */
export function standingOf(state: ChainState, index: number): EntryStanding {
  if (index < state.verified) return 'verified';
  if (state.broken === undefined) return 'pending';
  return state.broken.index === index ? 'broken' : 'after-broken';
}
