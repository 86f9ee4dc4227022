import type { RedactionCounters } from './accounting.ts';

/** Longest string that is scanned, in UTF-16 units; the end of a longer one is not kept. */
export const MAX_SCANNED = 65_536;

/** Most that one record may cost, in UTF-16 units of names and texts: many times what is sent. */
const MOST_OF_A_RECORD = 2 * MAX_SCANNED;

/** How much of one record is still looked at; what lies beyond is left out, never sent unseen. */
export class ScanBudget {
  readonly #counters: RedactionCounters;
  #left = MOST_OF_A_RECORD;

  constructor(counters: RedactionCounters) {
    this.#counters = counters;
  }

  /** A new record begins. */
  refill(): void {
    this.#left = MOST_OF_A_RECORD;
  }

  isSpent(): boolean {
    return this.#left <= 0;
  }

  spend(units: number): void {
    this.#left -= units;
  }

  /** The names of an object, so many as may still be looked at and one more. */
  keysOf(source: object): readonly string[] {
    const keys = Object.keys(source);
    let units = 0;
    for (let index = 0; index < keys.length; index += 1) {
      units += (keys[index]?.length ?? 0) + 1;
      if (units <= this.#left) continue;
      this.spend(units);
      return keys.slice(0, index + 1);
    }
    this.spend(units);
    return keys;
  }

  /** What stands for the rest of a record. */
  notKept(): string {
    this.#counters.cut();
    return REST_MARKER;
  }
}

/** What stands in place of all that a record has beyond what is looked at. */
const REST_MARKER = '[the rest of the record is not kept]';
