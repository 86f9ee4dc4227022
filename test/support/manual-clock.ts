import type { Clock, Timer } from '../../src/runtime/clock.ts';

/** A clock that moves only when told; remembers what was waited for. */
export interface ManualClock extends Clock {
  /** Every wait that was asked for, in ms. */
  readonly waits: readonly number[];
  /** Timers that have not run yet. */
  pending(): number;
  /** Moves time as if the process stood still: nothing runs meanwhile. */
  standStill(ms: number): void;
  /** Moves time, running due timers in order, with all the work that follows from each. */
  advance(ms: number): Promise<void>;
}

/** Lets everything that is ready run, as often as one step leads to the next. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Makes a clock that starts at a given wall time (ms since the epoch). */
export function manualClock(epochMs = 1_764_000_000_000): ManualClock {
  let now = 0;
  let timers: { readonly at: number; readonly timer: Timer }[] = [];
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    wallTime: () => epochMs + now,
    after(timer) {
      waits.push(timer.ms);
      const entry = { at: now + Math.max(timer.ms, 0), timer };
      timers.push(entry);
      return () => {
        timers = timers.filter((other) => other !== entry);
      };
    },
    pending: () => timers.length,
    standStill(ms) {
      now += ms;
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((other) => other !== due);
        now = Math.max(now, due.at);
        due.timer.run();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}
