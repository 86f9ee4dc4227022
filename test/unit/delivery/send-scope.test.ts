import { describe, expect, it } from 'vitest';
import { InFlight, OwnSendScope, endReason, joinSignal } from '../../../src/delivery/send-scope.ts';
import { settle } from '../../support/manual-clock.ts';

const never = (): AbortSignal => new AbortController().signal;

describe('joinSignal', () => {
  it('ends as aborted with the signal of the caller', () => {
    const parent = new OwnSendScope('process');
    const caller = new AbortController();
    const { scope } = joinSignal(parent, caller.signal);
    caller.abort(new Error('some reason of the caller'));
    expect(scope.signal.aborted).toBe(true);
    expect(endReason(scope)).toBe('aborted');
    expect(parent.signal.aborted).toBe(false);
  });

  it('ends as shutdown with its parent', () => {
    const parent = new OwnSendScope('process');
    const { scope } = joinSignal(parent, never());
    parent.abort('shutdown');
    expect(scope.signal.aborted).toBe(true);
    expect(endReason(scope)).toBe('shutdown');
  });

  it('is over at once when either is over already', () => {
    const over = new OwnSendScope('process');
    over.abort('shutdown');
    expect(joinSignal(over, never()).scope.signal.aborted).toBe(true);
    const joined = joinSignal(new OwnSendScope('process'), AbortSignal.abort());
    expect(joined.scope.signal.aborted).toBe(true);
  });

  it('is woken each time its parent is told to hurry', () => {
    const parent = new OwnSendScope('process');
    const { scope } = joinSignal(parent, never());
    const first = scope.wake;
    parent.hurry();
    const second = scope.wake;
    parent.hurry();
    expect([first.aborted, second.aborted, scope.wake.aborted]).toEqual([true, true, false]);
    expect(scope.closing).toBe(false);
  });

  it('closes with its parent', () => {
    const parent = new OwnSendScope('process');
    const { scope } = joinSignal(parent, never());
    const waiting = scope.wake;
    parent.finish();
    expect(scope.closing).toBe(true);
    expect(waiting.aborted).toBe(true);
  });

  it('follows nobody any more once it is released', () => {
    const parent = new OwnSendScope('process');
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
    const parent = new OwnSendScope('process');
    const joined = Array.from({ length: 2_000 }, () => joinSignal(parent, never()));
    parent.hurry();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    for (const { release } of joined) release();
    expect(warnings).toEqual([]);
  });
});

function wait(inFlight: InFlight): { readonly isOver: () => boolean } {
  let over = false;
  void inFlight.settled().then(() => {
    over = true;
  });
  return { isOver: () => over };
}

describe('work in flight', () => {
  it('is settled at once when there is none', async () => {
    await expect(new InFlight().settled()).resolves.toBeUndefined();
  });

  it('is settled when all that had begun has ended', async () => {
    const inFlight = new InFlight();
    const stages = [inFlight.begun(), inFlight.begun()];
    const waiter = wait(inFlight);
    inFlight.ended(stages[0] ?? 0);
    await settle();
    expect(waiter.isOver()).toBe(false);
    inFlight.ended(stages[1] ?? 0);
    await settle();
    expect(waiter.isOver()).toBe(true);
  });

  it('does not make a waiter wait for what begins later', async () => {
    const inFlight = new InFlight();
    const early = inFlight.begun();
    const waiter = wait(inFlight);
    const late = inFlight.begun();
    const second = wait(inFlight);
    inFlight.ended(early);
    await settle();
    expect([waiter.isOver(), second.isOver()]).toEqual([true, false]);
    inFlight.ended(late);
    await settle();
    expect(second.isOver()).toBe(true);
  });

  it('makes a waiter wait for what is older than the work of its own time', async () => {
    const inFlight = new InFlight();
    const oldest = inFlight.begun();
    wait(inFlight);
    const newer = inFlight.begun();
    const waiter = wait(inFlight);
    inFlight.ended(newer);
    await settle();
    expect(waiter.isOver()).toBe(false);
    inFlight.ended(oldest);
    await settle();
    expect(waiter.isOver()).toBe(true);
  });
});
