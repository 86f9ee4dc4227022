import process from 'node:process';

/** Whether a waiting timer keeps the process alive: `process` while somebody awaits the result. */
export type Hold = 'process' | 'background';

/** A timer to be set: how long, whether it holds the process, what to run. */
export interface Timer {
  readonly ms: number;
  readonly hold: Hold;
  readonly run: () => void;
}

/** Time as the rest of the package sees it; tests bring their own. */
export interface Clock {
  /** Monotonic milliseconds, for delays and deadlines; a change of the wall clock does not move it. */
  readonly now: () => number;
  /** Milliseconds since the epoch, for time stamps only. */
  readonly wallTime: () => number;
  /** Runs once after the given time; the returned function cancels it. */
  readonly after: (timer: Timer) => () => void;
}

// Above this, setTimeout fires at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  after({ ms, hold, run }) {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    if (hold === 'background') timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A wait that a signal can end early. */
export interface Wait {
  readonly ms: number;
  readonly hold: Hold;
  readonly signal: AbortSignal;
}

/** Resolves to `true` after the time, to `false` as soon as the signal fires. Never rejects. */
export function sleep(clock: Clock, { ms, hold, signal }: Wait): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onAbort = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = clock.after({
      ms,
      hold,
      run: () => {
        signal.removeEventListener('abort', onAbort);
        resolve(true);
      },
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Resolves to `true` when the work ended within the time, to `false` otherwise. Never rejects. */
export function endsWithin(
  clock: Clock,
  work: Promise<unknown>,
  { ms, hold }: Pick<Timer, 'ms' | 'hold'>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after({
      ms,
      hold,
      run: () => {
        resolve(false);
      },
    });
    const onEnd = (): void => {
      cancel();
      resolve(true);
    };
    work.then(onEnd, onEnd);
  });
}

/** Monotonic ms that all threads of a process read alike. */
function processNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

/** Where the monotonic clock of this thread stands on that of the process, ms. */
export function clockOffsetMs(clock: Clock): number {
  return processNow() - clock.now();
}

/**
 * The clock of the machine as another thread reads it, so that a deadline means the same in both:
 * by itself, each thread counts from its own start.
 */
export function clockAt(offsetMs: number): Clock {
  const shiftMs = clockOffsetMs(systemClock) - offsetMs;
  return { ...systemClock, now: () => systemClock.now() + shiftMs };
}

const DAY_NAME = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * Reads an HTTP date (RFC 9110, 5.6.7).
 *
 * @returns ms since the epoch; `undefined` when the text is no such date
 */
export function parseHttpDate(text: string): number | undefined {
  // Every form starts with the name of a day; Date.parse alone would take almost anything.
  if (!DAY_NAME.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
