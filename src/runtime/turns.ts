/** Does long work in slices, between which everything else in the process gets its turn. */
export interface Turns {
  /**
   * Calls `each` with 0 to `count` - 1, in order. What fits into a slice is done at once, and so is
   * the first slice of more, unless other work is waiting.
   */
  take(count: number, each: (index: number) => void): void;
  /** Does at once all that is left. */
  rush(): void;
}

interface Work {
  readonly count: number;
  readonly each: (index: number) => void;
  next: number;
}

/**
 * Makes one with nothing to do.
 *
 * @param slice - calls of `each` in one turn
 * @param defer - runs a function when everything that is ready now has had its turn
 */
export function createTurns(slice: number, defer: (run: () => void) => void): Turns {
  const waiting: Work[] = [];
  let deferred = false;

  function step(calls: number): void {
    let left = calls;
    for (let work = waiting[0]; work !== undefined && left > 0; work = waiting[0]) {
      const end = Math.min(work.count, work.next + left);
      left -= end - work.next;
      while (work.next < end) {
        // Counted before the call, which may rush the rest.
        work.next += 1;
        work.each(work.next - 1);
      }
      if (work.next >= work.count && waiting[0] === work) waiting.shift();
    }
  }

  function turn(): void {
    deferred = false;
    step(slice);
    goOn();
  }

  function goOn(): void {
    if (deferred || waiting.length === 0) return;
    deferred = true;
    defer(turn);
  }

  return {
    take(count, each) {
      if (count <= slice) {
        for (let index = 0; index < count; index += 1) each(index);
        return;
      }
      waiting.push({ count, each, next: 0 });
      if (waiting.length === 1) step(slice);
      goOn();
    },
    rush() {
      step(Infinity);
    },
  };
}
