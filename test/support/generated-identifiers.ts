/** A small generator of numbers (mulberry32), so that the corpus is the same in every run. */
function createSequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const next = createSequence(20_261_123);

function pick(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(next(alphabet.length))).join('');
}

const HEX = '0123456789abcdef';
const DIGITS = '0123456789';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function uuid(): string {
  return [8, 4, 4, 4, 12].map((length) => pick(HEX, length)).join('-');
}

function repeat(count: number, make: () => string): readonly string[] {
  return Array.from({ length: count }, make);
}

/** Identifiers, hashes, times and measures as they come by the thousand in telemetry. */
export const generatedIdentifiers: readonly string[] = [
  ...repeat(60, uuid),
  ...repeat(40, () => `trace_id=${pick(HEX, 32)} span_id=${pick(HEX, 16)}`),
  ...repeat(40, () => `sha256:${pick(HEX, 64)}`),
  ...repeat(30, () => pick(CROCKFORD, 26)),
  ...repeat(30, () => `${pick(BASE64, 43)}=`),
  ...repeat(30, () => `ts=1795${pick(DIGITS, 9)} ns=1795${pick(DIGITS, 15)}`),
  ...repeat(30, () => `took ${pick(DIGITS, 2)}.${pick(DIGITS, 6)} ms, ${pick(DIGITS, 7)} bytes`),
  ...repeat(30, () => `order ${pick(DIGITS, 9)} of ${pick(DIGITS, 10)}`),
  ...repeat(
    20,
    () => `-${pick(DIGITS, 2)}.${pick(DIGITS, 14)},${pick(DIGITS, 2)}.${pick(DIGITS, 15)}`,
  ),
  ...repeat(
    20,
    () => `2026-11-${pick('12', 2)}T1${pick(DIGITS, 1)}:3${pick(DIGITS, 1)}:00.${pick(DIGITS, 9)}Z`,
  ),
  ...repeat(20, () => [1, 2, 3, 4, 5, 6].map(() => pick(HEX, 2)).join(':')),
  ...repeat(
    20,
    () =>
      `at fn${pick(DIGITS, 2)} (/srv/app/${pick(HEX, 8)}.js:${pick(DIGITS, 3)}:${pick(DIGITS, 2)})`,
  ),
];
