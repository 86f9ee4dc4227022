/**
 * How thorough a run is: `full` for figures to publish, `quick` for a look, `smoke` to see that
 * the benchmark works at all.
 */
export type Mode = 'full' | 'quick' | 'smoke';

function modeOf(env: NodeJS.ProcessEnv): Mode {
  if (env['BENCH_SMOKE'] === '1') return 'smoke';
  return env['BENCH_QUICK'] === '1' ? 'quick' : 'full';
}

/** The mode of this run, from `BENCH_SMOKE` and `BENCH_QUICK`. */
export const MODE: Mode = modeOf(process.env);

/** Chooses by mode: full, quick, smoke. */
export function byMode<T>(full: T, quick: T, smoke: T): T {
  return { full, quick, smoke }[MODE];
}

/** Rounds in which each contender is measured once. */
export const ROUNDS: number = byMode(7, 3, 1);
