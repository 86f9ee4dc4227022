import { describe, expect, it } from 'vitest';
import { endsWithin, sleep, systemClock } from '../../../src/runtime/clock.ts';
import { manualClock } from '../../support/manual-clock.ts';

const never = (): AbortSignal => new AbortController().signal;

describe('sleep', () => {
  it('resolves to true after the time', async () => {
    const clock = manualClock();
    const slept = sleep(clock, { ms: 100, hold: 'background', signal: never() });
    await clock.advance(100);
    await expect(slept).resolves.toBe(true);
  });

  it('resolves to false when the signal fires, and leaves no timer', async () => {
    const clock = manualClock();
    const end = new AbortController();
    const slept = sleep(clock, { ms: 100, hold: 'background', signal: end.signal });
    end.abort();
    await expect(slept).resolves.toBe(false);
    expect(clock.pending()).toBe(0);
  });

  it('does not begin when the signal has fired', async () => {
    const clock = manualClock();
    const slept = sleep(clock, { ms: 100, hold: 'background', signal: AbortSignal.abort() });
    await expect(slept).resolves.toBe(false);
    expect(clock.waits).toEqual([]);
  });
});

describe('endsWithin', () => {
  it('tells whether work ended in time, failed work included', async () => {
    const clock = manualClock();
    const limit = { ms: 10, hold: 'process' } as const;
    await expect(endsWithin(clock, Promise.resolve(), limit)).resolves.toBe(true);
    await expect(endsWithin(clock, Promise.reject(new Error('x')), limit)).resolves.toBe(true);
    expect(clock.pending()).toBe(0);
    const late = endsWithin(clock, new Promise(() => {}), limit);
    await clock.advance(10);
    await expect(late).resolves.toBe(false);
  });
});

describe('systemClock', () => {
  it('does not fire a timer at once that is longer than a timer can be', async () => {
    let fired = false;
    const cancel = systemClock.after({
      ms: 2 ** 40,
      hold: 'background',
      run: () => {
        fired = true;
      },
    });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    cancel();
    expect(fired).toBe(false);
  });
});
