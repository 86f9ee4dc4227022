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
