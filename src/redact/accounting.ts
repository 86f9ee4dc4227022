import type { DataClass } from './detectors/detector.ts';
import type { RedactAction } from './options.ts';

/** What can be done to a value; `keep` is nothing done. */
export type CountedAction = Exclude<RedactAction, 'keep'>;

/** How many values of each class an action met; a class that was not met is absent. */
export type ClassCounts = Readonly<Partial<Record<DataClass, number>>>;

/** Numbers about redaction; they hold no value and no name of an attribute. */
export interface RedactionStats {
  /** Values replaced by a digest. */
  readonly hash: ClassCounts;
  /** Values replaced by a marker. */
  readonly mask: ClassCounts;
  /** Values taken out with their names. */
  readonly drop: ClassCounts;
  /** Values shortened to their public part. */
  readonly truncate: ClassCounts;
  /** Values that became `[REDACTION_ERROR]` because a rule or a detector failed. */
  readonly errors: number;
  /** Strings too long to be searched wholly, whose end was not kept. */
  readonly cut: number;
}

/** Counts what redaction does. */
export interface RedactionCounters {
  count(action: CountedAction, dataClass: DataClass): void;
  error(): void;
  cut(): void;
  snapshot(): RedactionStats;
}

/** A {@link RedactionCounters} at zero. */
export function createRedactionCounters(): RedactionCounters {
  const counts: Record<CountedAction, Partial<Record<DataClass, number>>> = {
    hash: {},
    mask: {},
    drop: {},
    truncate: {},
  };
  let errors = 0;
  let cuts = 0;
  return {
    count(action, dataClass) {
      const ofAction = counts[action];
      ofAction[dataClass] = (ofAction[dataClass] ?? 0) + 1;
    },
    error() {
      errors += 1;
    },
    cut() {
      cuts += 1;
    },
    snapshot: () => ({
      hash: { ...counts.hash },
      mask: { ...counts.mask },
      drop: { ...counts.drop },
      truncate: { ...counts.truncate },
      errors,
      cut: cuts,
    }),
  };
}

/** Longest string that is scanned, in UTF-16 units; the end of a longer one is not kept. */
export const MAX_SCANNED = 65_536;

/** Most that one record may cost, in UTF-16 units of names and texts: many times what is sent. */
const MOST_OF_A_RECORD = 2 * MAX_SCANNED;

/** What an entry of an object counts beside its text. */
const UNITS_OF_A_KEY = 8;

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
    const most = Math.ceil(this.#left / UNITS_OF_A_KEY);
    this.#left -= keys.length * UNITS_OF_A_KEY;
    return keys.length > most ? keys.slice(0, Math.max(most, 0) + 1) : keys;
  }

  /** What stands for the rest of a record. */
  notKept(): string {
    this.#counters.cut();
    return REST_MARKER;
  }
}

/** What stands in place of all that a record has beyond what is looked at. */
const REST_MARKER = '[the rest of the record is not kept]';
