/** The middle of several measurements, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Sums measurements up; of an even number the mean of the middle two is the median.
 *
 * @throws RangeError without a measurement, or with one that is not a finite number: a benchmark
 * that measured nothing must not print a figure.
 */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new RangeError(`not measurements: [${values.join(', ')}]`);
  }
  const sorted = [...values].sort((one, other) => one - other);
  const upper = sorted.length >> 1;
  const lower = (sorted.length - 1) >> 1;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { median: (at(lower) + at(upper)) / 2, min: at(0), max: at(sorted.length - 1) };
}

/**
 * Compares two contenders round by round, so that a machine whose speed changes between rounds
 * changes both sides of each ratio alike.
 *
 * @throws RangeError when they were not measured in the same rounds.
 */
export function ratioOf(values: readonly number[], reference: readonly number[]): Spread {
  if (values.length !== reference.length) {
    throw new RangeError(`${values.length} rounds against ${reference.length}`);
  }
  return spreadOf(values.map((value, round) => value / (reference[round] ?? Number.NaN)));
}

/** The value below which the given share of the measurements lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const rank = Math.min(Math.max(Math.ceil(share * sorted.length), 1), sorted.length);
  return sorted[rank - 1] ?? Number.NaN;
}
