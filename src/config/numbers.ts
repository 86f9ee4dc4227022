import { ExporterError } from '../errors.ts';

// What a timer can hold; anything above would fire at once.
const LONGEST_MS = 2 ** 31 - 1;

/** The least and the greatest value of a numeric option. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Times in ms, at least one. */
export const POSITIVE_MS: Range = { min: 1, max: LONGEST_MS };
/** Times in ms where zero has a meaning of its own. */
export const MS_OR_ZERO: Range = { min: 0, max: LONGEST_MS };
/** Counts of things that exist at least once. */
export const COUNT: Range = { min: 1, max: 10_000 };
/** Counts that may be zero. */
export const COUNT_OR_ZERO: Range = { min: 0, max: 10_000 };
/** Sizes in bytes. */
export const BYTES: Range = { min: 1, max: Number.MAX_SAFE_INTEGER };

/**
 * The value when it is a whole number within the range.
 *
 * @throws ExporterError `config_invalid`, naming the option and the range.
 */
export function requireInteger(option: string, value: unknown, { min, max }: Range): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new ExporterError(
      'config_invalid',
      `${option} must be a whole number from ${min} to ${max}`,
    );
  }
  return value;
}
