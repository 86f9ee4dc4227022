import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { guardEndings } from '../../../src/register/endings.ts';
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
  guardEndings(target, endings, clock);
  return { clock, said, target };
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
