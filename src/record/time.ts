import type { HrTime } from './otel-types.ts';

const SECONDS_PER_DAY = 86_400;
const NANOS_PER_SECOND = 1_000_000_000;
/** The range of ECMAScript's own times (ECMA-262, 21.4.1.1): 100,000,000 days around 1970. */
const MAX_SECONDS = 8_640_000_000_000;

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, value) => pad(value, 2));
const two = (value: number): string => TWO_DIGITS[value] ?? pad(value, 2);

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return pad(year, 4);
  return `${year < 0 ? '-' : '+'}${pad(Math.abs(year), 6)}`;
}

/**
 * Turns a count of days since 1970 into `yyyy-mm-ddT`, in the proleptic Gregorian calendar.
 *
 * Counts in eras of 400 years that begin on 1 March, so that the leap day is the last day
 * of a year.
 */
function dayText(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${yearText(year)}-${two(month)}-${two(day)}T`;
}

// Records of one process fall on few days; one is enough to remember.
let lastDay = 0;
let lastDayText = dayText(0);

function cachedDayText(day: number): string {
  if (day !== lastDay) {
    lastDayText = dayText(day);
    lastDay = day;
  }
  return lastDayText;
}

function isWhole(value: unknown, limit: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= limit;
}

function isHrTime(time: unknown): time is HrTime {
  if (!Array.isArray(time)) return false;
  const seconds: unknown = time[0];
  const nanos: unknown = time[1];
  return isWhole(seconds, MAX_SECONDS) && isWhole(nanos, NANOS_PER_SECOND - 1) && nanos >= 0;
}

/**
 * Writes a moment in UTC as RFC 3339 says, with nine digits of a second; years outside
 * 0000 to 9999, which RFC 3339 cannot write, in ISO 8601's expanded form (`+010000-…`).
 *
 * @returns `undefined` when the time is no pair of whole numbers in range.
 */
export function timestampText(time: unknown): string | undefined {
  if (!isHrTime(time)) return undefined;
  const [seconds, nanos] = time;
  const day = Math.floor(seconds / SECONDS_PER_DAY);
  const secondOfDay = seconds - day * SECONDS_PER_DAY;
  const hour = Math.floor(secondOfDay / 3600);
  const minute = Math.floor((secondOfDay - hour * 3600) / 60);
  const second = secondOfDay % 60;
  return `${cachedDayText(day)}${two(hour)}:${two(minute)}:${two(second)}.${pad(nanos, 9)}Z`;
}

/** Writes milliseconds since the epoch like {@link timestampText}; the epoch when out of range. */
export function timestampOfMs(ms: number): string {
  const whole = Number.isFinite(ms) ? Math.floor(ms) : 0;
  const seconds = Math.floor(whole / 1000);
  return timestampText([seconds, (whole - seconds * 1000) * 1_000_000]) ?? timestampOfMs(0);
}

/**
 * Gives a duration in milliseconds, exact to the nanosecond up to 104 days.
 *
 * @returns `undefined` when the duration is invalid or negative.
 */
export function durationMs(duration: unknown): number | undefined {
  if (!isHrTime(duration)) return undefined;
  const [seconds, nanos] = duration;
  if (seconds < 0) return undefined;
  const total = seconds * NANOS_PER_SECOND + nanos;
  return Number.isSafeInteger(total) ? total / 1_000_000 : seconds * 1000;
}
