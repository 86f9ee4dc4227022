import { describe, expect, it } from 'vitest';
import { createSendScope, endReason, joinSignal } from '../../../src/delivery/send-scope.ts';

const never = (): AbortSignal => new AbortController().signal;

describe('joinSignal', () => {
  it('ends as aborted with the signal of the caller', () => {
    const parent = createSendScope('process');
    const caller = new AbortController();
    const { scope } = joinSignal(parent, caller.signal);
    caller.abort(new Error('some reason of the caller'));
    expect(scope.signal.aborted).toBe(true);
    expect(endReason(scope)).toBe('aborted');
    expect(parent.signal.aborted).toBe(false);
  });

  it('ends as shutdown with its parent', () => {
    const parent = createSendScope('process');
    const { scope } = joinSignal(parent, never());
    parent.abort('shutdown');
    expect(scope.signal.aborted).toBe(true);
    expect(endReason(scope)).toBe('shutdown');
  });

  it('is over at once when either is over already', () => {
    const over = createSendScope('process');
    over.abort('shutdown');
    expect(joinSignal(over, never()).scope.signal.aborted).toBe(true);
    const joined = joinSignal(createSendScope('process'), AbortSignal.abort());
    expect(joined.scope.signal.aborted).toBe(true);
  });

  it('is woken each time its parent is told to hurry', () => {
    const parent = createSendScope('process');
    const { scope } = joinSignal(parent, never());
    const first = scope.wake;
    parent.hurry();
    const second = scope.wake;
    parent.hurry();
    expect([first.aborted, second.aborted, scope.wake.aborted]).toEqual([true, true, false]);
    expect(scope.closing).toBe(false);
  });

  it('closes with its parent', () => {
    const parent = createSendScope('process');
    const { scope } = joinSignal(parent, never());
    const waiting = scope.wake;
    parent.finish();
    expect(scope.closing).toBe(true);
    expect(waiting.aborted).toBe(true);
  });

  it('follows nobody any more once it is released', () => {
    const parent = createSendScope('process');
    const caller = new AbortController();
    const { scope, release } = joinSignal(parent, caller.signal);
    release();
    caller.abort();
    parent.abort('shutdown');
    expect(scope.signal.aborted).toBe(false);
  });

  it('raises no warning about listeners when thousands share a parent', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const parent = createSendScope('process');
    const joined = Array.from({ length: 2_000 }, () => joinSignal(parent, never()));
    parent.hurry();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    for (const { release } of joined) release();
    expect(warnings).toEqual([]);
  });
});
