/** Does long work in slices, between which everything else in the process gets its turn. */
export interface TimeSlices {
  /**
   * Calls `each` with every item, in order. What fits into a slice is done at once, and so is the
   * first slice of more, unless other work is waiting.
   */
  take<T>(items: readonly T[], each: (item: T) => void): void;
  /** Does at once all that is left. */
  runNow(): void;
  /** Items whose turn has not come. */
  waiting(): number;
}

/** Does the next piece of a work; `false` when there is none. */
type DoOne = () => boolean;

function workOf<T>(items: readonly T[], each: (item: T) => void): DoOne {
  const iterator = items.values();
  return () => {
    const next = iterator.next();
    if (next.done === true) return false;
    each(next.value);
    return true;
  };
}

/**
 * Makes one with nothing to do.
 *
 * @param slice - items in one turn
 * @param defer - runs a function when everything that is ready now has had its turn
 */
export function createTimeSlices(slice: number, defer: (run: () => void) => void): TimeSlices {
  const waiting: DoOne[] = [];
  let items = 0;
  let deferred = false;

  function step(pieces: number): void {
    let left = pieces;
    for (let work = waiting[0]; work !== undefined && left > 0; work = waiting[0]) {
      if (work()) {
        left -= 1;
        items -= 1;
      }
      // A piece may run the rest, so that another work is the first by now.
      else if (waiting[0] === work) waiting.shift();
    }
  }

  function goOn(): void {
    if (deferred || waiting.length === 0) return;
    deferred = true;
    defer(() => {
      deferred = false;
      step(slice);
      goOn();
    });
  }

  return {
    take(given, each) {
      if (given.length <= slice) {
        for (const item of given) each(item);
        return;
      }
      items += given.length;
      waiting.push(workOf(given, each));
      if (waiting.length === 1) step(slice);
      goOn();
    },
    runNow() {
      step(Infinity);
    },
    waiting: () => items,
  };
}
