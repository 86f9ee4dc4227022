import { describe, expect, it } from 'vitest';
import { createLifetime, endReason, joinSignal } from '../../../src/delivery/lifetime.ts';

const never = (): AbortSignal => new AbortController().signal;

describe('joinSignal', () => {
  it('ends as aborted with the signal of the caller', () => {
    const parent = createLifetime('process');
    const caller = new AbortController();
    const { lifetime } = joinSignal(parent, caller.signal);
    caller.abort(new Error('some reason of the caller'));
    expect(lifetime.signal.aborted).toBe(true);
    expect(endReason(lifetime)).toBe('aborted');
    expect(parent.signal.aborted).toBe(false);
  });

  it('ends as shutdown with its parent', () => {
    const parent = createLifetime('process');
    const { lifetime } = joinSignal(parent, never());
    parent.abort('shutdown');
    expect(lifetime.signal.aborted).toBe(true);
    expect(endReason(lifetime)).toBe('shutdown');
  });

  it('is over at once when either is over already', () => {
    const over = createLifetime('process');
    over.abort('shutdown');
    expect(joinSignal(over, never()).lifetime.signal.aborted).toBe(true);
    const joined = joinSignal(createLifetime('process'), AbortSignal.abort());
    expect(joined.lifetime.signal.aborted).toBe(true);
  });

  it('is woken each time its parent is told to hurry', () => {
    const parent = createLifetime('process');
    const { lifetime } = joinSignal(parent, never());
    const first = lifetime.wake;
    parent.hurry();
    const second = lifetime.wake;
    parent.hurry();
    expect([first.aborted, second.aborted, lifetime.wake.aborted]).toEqual([true, true, false]);
    expect(lifetime.closing).toBe(false);
  });

  it('closes with its parent', () => {
    const parent = createLifetime('process');
    const { lifetime } = joinSignal(parent, never());
    const waiting = lifetime.wake;
    parent.finish();
    expect(lifetime.closing).toBe(true);
    expect(waiting.aborted).toBe(true);
  });

  it('follows nobody any more once it is released', () => {
    const parent = createLifetime('process');
    const caller = new AbortController();
    const { lifetime, release } = joinSignal(parent, caller.signal);
    release();
    caller.abort();
    parent.abort('shutdown');
    expect(lifetime.signal.aborted).toBe(false);
  });

  it('raises no warning about listeners when thousands share a parent', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const parent = createLifetime('process');
    const joined = Array.from({ length: 2_000 }, () => joinSignal(parent, never()));
    parent.hurry();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    for (const { release } of joined) release();
    expect(warnings).toEqual([]);
  });
});
