import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { EndingGuard, Endings } from '../../../src/runtime/endings.ts';
import { manualClock, settle } from '../../support/manual-clock.ts';

/** A process that only remembers, and endings that take as long as they are told. */
function setUp({ flushMs = 0, inTime = true }: { flushMs?: number; inTime?: boolean } = {}) {
  const clock = manualClock();
  const said: string[] = [];
  const target = Object.assign(new EventEmitter(), {
    exit: (code: number) => said.push(`exit ${code}`),
  });
  const endings = {
    budgetMs: 1_000,
    flush: (withinMs: number) =>
      new Promise<boolean>((resolve) => {
        said.push(`flush ${withinMs}`);
        clock.after({ ms: flushMs, hold: 'process', run: () => resolve(inTime) });
      }),
    drain: (withinMs: number) => {
      said.push(`drain ${withinMs}`);
      return Promise.resolve();
    },
  };
  const takeBack = new EndingGuard(target, clock).add(endings);
  return { clock, said, target, takeBack };
}

describe('the guard of endings', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ])('sends what is there after %s within the budget, then exits with %i', async (signal, code) => {
    const { clock, said, target } = setUp();
    target.emit(signal);
    await clock.advance(1);
    expect(said).toEqual(['flush 300', 'drain 700', `exit ${code}`]);
  });

  it('ends all that is guarded before it exits', async () => {
    const { clock, said, target } = setUp();
    expect(target.listenerCount('SIGTERM')).toBe(1);
    target.emit('SIGTERM');
    await clock.advance(1);
    expect(said.at(-1)).toBe('exit 143');
  });

  it('leaves the process alone once it is taken back', async () => {
    const { clock, said, target, takeBack } = setUp();
    takeBack();
    for (const event of ['SIGTERM', 'SIGINT', 'beforeExit']) target.emit(event);
    await clock.advance(1_000);
    expect(said).toEqual([]);
  });

  it('exits at once on a second signal', async () => {
    const { clock, said, target } = setUp({ flushMs: 300 });
    target.emit('SIGTERM');
    target.emit('SIGINT');
    expect(said).toEqual(['flush 300', 'exit 130']);
    await clock.advance(300);
  });

  it('never exits where the application listens, and goes on sending', async () => {
    const { clock, said, target } = setUp();
    target.once('SIGTERM', () => said.push('the application closes'));
    target.emit('SIGTERM');
    target.emit('SIGTERM');
    await clock.advance(500);
    expect(said.slice(0, 2)).toEqual(['flush 1000', 'the application closes']);
    expect(said.filter((word) => word === 'flush 1000').length).toBeGreaterThan(1);
    expect(said.filter((word) => word.startsWith('exit'))).toEqual(['exit 143']);
  });

  it('sends once more when a last thing was done after the first time', async () => {
    const { clock, said, target } = setUp();
    target.emit('beforeExit');
    await clock.advance(1);
    expect(said).toEqual(['flush 300']);
    target.emit('beforeExit');
    target.emit('beforeExit');
    await settle();
    expect(said).toEqual(['flush 300', 'drain 700']);
  });

  it('does not wait for another turn when the first one took too long', async () => {
    const { clock, said, target } = setUp({ flushMs: 300, inTime: false });
    target.emit('beforeExit');
    await clock.advance(300);
    expect(said).toEqual(['flush 300', 'drain 700']);
  });
});

describe('the end of a set-up', () => {
  function startedWith() {
    const clock = manualClock();
    const said: string[] = [];
    const client = {
      shutdownTimeoutMs: 1_000,
      isBusy: () => false,
      lost: () => 0,
      settle: () => Promise.resolve(true),
      finish: () => void said.push(`${clock.now()} finish`),
      close: (ms?: number) => {
        said.push(`${clock.now()} close within ${ms}`);
        return Promise.resolve();
      },
    };
    const part = (ms: number, ends: 'well' | 'badly' = 'well') => ({
      forceFlush: () => Promise.resolve(),
      shutdown: () =>
        new Promise<void>((resolve, reject) => {
          const run = (): void => {
            said.push(`${clock.now()} ended ${ends}`);
            if (ends === 'well') resolve();
            else reject(new Error('not accepted'));
          };
          clock.after({ ms, hold: 'process', run });
        }),
    });
    return { clock, said, client, part };
  }

  it('waits for each part, also after one has failed', async () => {
    const { clock, said, client, part } = startedWith();
    const parts = { things: [part(10, 'badly'), part(50)], clients: () => [client] };
    const done = new Endings(parts, clock).drain(1_000);
    await clock.advance(100);
    await done;
    expect(said).toEqual(['10 ended badly', '50 ended well', '50 close within 950']);
  });

  it('asks for haste after most of the budget, and ends all of it with the budget', async () => {
    const { clock, said, client, part } = startedWith();
    const parts = { things: [part(5_000)], clients: () => [client] };
    const done = new Endings(parts, clock).drain(1_000);
    await clock.advance(1_000);
    await done;
    expect(said).toEqual(['600 finish', '1000 close within 0']);
  });

  it('lasts no longer than the budget where there is no client', async () => {
    const { clock, part } = startedWith();
    const broken = {
      shutdown: () => {
        throw new Error('no shutdown here');
      },
    };
    const endings = new Endings({ things: [broken, part(5_000)], clients: () => [] }, clock);
    const done = endings.drain(10);
    await clock.advance(10);
    await expect(done).resolves.toBeUndefined();
  });

  it('has the longest budget of its clients, and the default without any', () => {
    const { clock, client, part } = startedWith();
    const patient = { ...client, shutdownTimeoutMs: 9_000 };
    const things = [part(0)];
    expect(new Endings({ things, clients: () => [client, patient] }, clock).budgetMs).toBe(9_000);
    expect(new Endings({ things, clients: () => [] }, clock).budgetMs).toBe(5_000);
  });

  it.each([
    [10, true],
    [500, false],
  ])('tells whether a flush of %i ms was over in time: %s', async (ms, inTime) => {
    const { clock, part } = startedWith();
    const slow = {
      ...part(0),
      forceFlush: () =>
        new Promise<void>((resolve) => {
          clock.after({ ms, hold: 'process', run: resolve });
        }),
    };
    const failing = { ...part(0), forceFlush: () => Promise.reject(new Error('not accepted')) };
    const endings = new Endings({ things: [failing, slow], clients: () => [] }, clock);
    const flushed = endings.flush(100);
    await clock.advance(100);
    await expect(flushed).resolves.toBe(inTime);
    await clock.advance(ms);
  });

  it('asks the clients behind all others, and tells when one was not settled', async () => {
    const { clock, client, part } = startedWith();
    const asked: number[] = [];
    const settle = (withinMs: number): Promise<boolean> => {
      asked.push(withinMs);
      return Promise.resolve(false);
    };
    const parts = { things: [part(0)], clients: () => [client, { ...client, settle }] };
    await expect(new Endings(parts, clock).flush(100)).resolves.toBe(false);
    expect(asked).toEqual([100]);
  });

  it('tells of what was lost since it was asked last', async () => {
    const { clock, client } = startedWith();
    let lost = 0;
    const parts = { things: [], clients: () => [{ ...client, lost: () => lost }] };
    const endings = new Endings(parts, clock);
    await expect(endings.flushAndTell(100)).resolves.toBe(true);
    lost = 3;
    await expect(endings.flushAndTell(100)).resolves.toBe(false);
    await expect(endings.flushAndTell(100)).resolves.toBe(true);
  });

  it('closes what has no shutdown() after all others, together with the clients', async () => {
    const { clock, said, client, part } = startedWith();
    const own = { close: () => Promise.resolve(said.push(`${clock.now()} closed`)) };
    const done = new Endings({ things: [own, part(50)], clients: () => [client] }, clock).drain(
      100,
    );
    await clock.advance(50);
    await done;
    expect(said).toEqual(['50 ended well', '50 close within 50', '50 closed']);
  });
});
