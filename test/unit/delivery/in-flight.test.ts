import { describe, expect, it } from 'vitest';
import type { InFlight } from '../../../src/delivery/send-scope.ts';
import { createInFlight } from '../../../src/delivery/send-scope.ts';
import { settle } from '../../support/manual-clock.ts';

function wait(inFlight: InFlight): { readonly isOver: () => boolean } {
  let over = false;
  void inFlight.settled().then(() => {
    over = true;
  });
  return { isOver: () => over };
}

describe('work in flight', () => {
  it('is settled at once when there is none', async () => {
    await expect(createInFlight().settled()).resolves.toBeUndefined();
  });

  it('is settled when all that had begun has ended', async () => {
    const inFlight = createInFlight();
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
    const inFlight = createInFlight();
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
    const inFlight = createInFlight();
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
