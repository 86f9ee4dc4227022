import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PendingEvent } from '../../../src/delivery/delivery.ts';
import { withRetry } from '../../../src/delivery/retry.ts';
import type { AttemptOutcome } from '../../../src/outcome.ts';
import { unanswered } from '../../../src/outcome.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import { manualClock, settle } from '../../support/manual-clock.ts';
import { wireRequest } from '../../support/requests.ts';
import {
  accepted,
  conflict,
  manualTransport,
  misconfigured,
  quota,
  rejected,
  retryable,
  scriptedTransport,
} from '../../support/scripted-transport.ts';
import { sendContext } from '../../support/send-context.ts';
import { sent } from '../../support/sent.ts';

const policy = { maxRetries: 3, initialDelayMs: 500, maxDelayMs: 60_000 };

/** Everybody's turn comes at once. */
const turns = {
  leave: () => {},
  again: (_: PendingEvent, go: () => void) => {
    go();
  },
};

function retryDeps(clock: Clock, random = () => 0.5) {
  return { clock, random, timeoutMs: 5_000, turns, acceptances: () => 0 };
}

function setup(...script: readonly AttemptOutcome[]) {
  const clock = manualClock();
  const next = scriptedTransport(...script);
  const retrying = withRetry(next, policy, retryDeps(clock));
  return { clock, next, retrying };
}

describe('withRetry', () => {
  it('sends the same request again until it is accepted', async () => {
    const { clock, next, retrying } = setup(retryable(), retryable(), accepted);
    const request = wireRequest();
    const context = sendContext();
    const outcome = sent(retrying, request, context);
    await clock.advance(10_000);
    await expect(outcome).resolves.toEqual(accepted);
    expect(next.sent).toEqual([request, request, request]);
    expect(context.retries).toBe(2);
  });

  it('doubles the bound of the wait and draws below it', async () => {
    const { clock, retrying } = setup(retryable());
    const outcome = sent(retrying, wireRequest(), sendContext());
    await clock.advance(10_000);
    await outcome;
    expect(clock.waits).toEqual([250, 500, 1000]);
  });

  it('waits at least as long as the server asked', async () => {
    const { clock, retrying } = setup(retryable(7_000), accepted);
    const outcome = sent(retrying, wireRequest(), sendContext());
    await clock.advance(7_000);
    await expect(outcome).resolves.toEqual(accepted);
    expect(clock.waits).toEqual([7_000]);
  });

  it('never waits longer than 15 minutes, whatever the server asks', async () => {
    const { clock, retrying } = setup(retryable(99_999_999_999_000), accepted);
    const outcome = sent(retrying, wireRequest(), sendContext());
    await clock.advance(15 * 60_000);
    await expect(outcome).resolves.toEqual(accepted);
    expect(clock.waits).toEqual([900_000]);
  });

  it('gives up after maxRetries repetitions', async () => {
    const { clock, next, retrying } = setup(retryable());
    const outcome = sent(retrying, wireRequest(), sendContext());
    await clock.advance(100_000);
    await expect(outcome).resolves.toMatchObject({ kind: 'dropped', reason: 'retries_exhausted' });
    expect(next.sent).toHaveLength(4);
  });

  it('does not begin a wait that would pass the deadline', async () => {
    const { clock, next, retrying } = setup(retryable(5_000));
    const outcome = sent(retrying, wireRequest(), sendContext(4_000));
    await settle();
    await expect(outcome).resolves.toMatchObject({ kind: 'dropped', reason: 'deadline' });
    expect(next.sent).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });

  it.each([
    ['a refused event', rejected],
    ['a used-up quota', quota()],
    ['an accepted event', accepted],
  ])('does not repeat %s', async (_what, outcome) => {
    const { next, retrying } = setup(outcome);
    await expect(sent(retrying, wireRequest(), sendContext())).resolves.toEqual(outcome);
    expect(next.sent).toHaveLength(1);
  });

  it('repeats a conflict once and then takes it as refused', async () => {
    const { clock, next, retrying } = setup(conflict);
    const outcome = sent(retrying, wireRequest(), sendContext());
    await clock.advance(10_000);
    await expect(outcome).resolves.toMatchObject({ kind: 'rejected', failure: { status: 409 } });
    expect(next.sent).toHaveLength(2);
  });

  it('makes the next attempt at once when it is told to hurry', async () => {
    const { clock, next, retrying } = setup(retryable(), accepted);
    const context = sendContext();
    const outcome = sent(retrying, wireRequest(), context);
    await settle();
    context.scope.hurry();
    await expect(outcome).resolves.toEqual(accepted);
    expect(clock.now()).toBe(0);
    expect(next.sent).toHaveLength(2);
  });

  it('makes the next attempt at once when it was told to hurry during the one before', async () => {
    const clock = manualClock();
    const context = sendContext();
    const next = scriptedTransport(retryable(), accepted);
    const hurried = {
      send(event: PendingEvent) {
        if (next.sent.length === 0) context.scope.hurry();
        next.send(event);
      },
    };
    const retrying = withRetry(hurried, policy, retryDeps(clock));
    await expect(sent(retrying, wireRequest(), context)).resolves.toEqual(accepted);
    expect(clock.now()).toBe(0);
  });

  it('ends its wait when its scope comes to an end, and goes on after short ones', async () => {
    const slow = { ...policy, maxRetries: 2, initialDelayMs: 60_000 };
    const clock = manualClock();
    const next = scriptedTransport(retryable());
    const context = sendContext();
    const outcome = sent(withRetry(next, slow, retryDeps(clock)), wireRequest(), context);
    await settle();
    context.scope.finish();
    await settle();
    expect(next.sent).toHaveLength(2);
    await clock.advance(2_000);
    expect(next.sent).toHaveLength(6);
    context.scope.abort('shutdown');
    await expect(outcome).resolves.toMatchObject({ kind: 'dropped', reason: 'shutdown' });
  });

  it('gives an event another attempt when the process stood still past its deadline', async () => {
    const clock = manualClock();
    const next = manualTransport();
    const retrying = withRetry(next, policy, retryDeps(clock));
    const outcome = sent(retrying, wireRequest(), sendContext(25_000));
    await clock.advance(90_000);
    next.open[0]?.answer(unanswered('timeout'));
    await clock.advance(1_000);
    next.open[1]?.answer(accepted);
    await expect(outcome).resolves.toEqual(accepted);
  });

  it('tries what was refused again after a minute, and rejects it the third time', async () => {
    const clock = manualClock();
    let acceptances = 0;
    const next = scriptedTransport(misconfigured);
    const deps = { ...retryDeps(clock), acceptances: () => (acceptances += 1) };
    const outcome = sent(withRetry(next, policy, deps), wireRequest(), sendContext(600_000));
    await clock.advance(59_999);
    expect(next.sent).toHaveLength(1);
    await clock.advance(60_001);
    await expect(outcome).resolves.toMatchObject({ kind: 'rejected' });
    expect(next.sent).toHaveLength(3);
  });

  it('lets a refused event go whose deadline comes before that', async () => {
    const { next, retrying } = setup(misconfigured);
    const outcome = sent(retrying, wireRequest(), sendContext(25_000));
    await expect(outcome).resolves.toEqual(misconfigured);
    expect(next.sent).toHaveLength(1);
  });

  it('makes no further attempt when it is aborted in a wait, and leaves no timer', async () => {
    const { clock, next, retrying } = setup(retryable());
    const context = sendContext();
    const outcome = sent(retrying, wireRequest(), context);
    await settle();
    context.scope.abort('shutdown');
    await expect(outcome).resolves.toMatchObject({ kind: 'dropped', reason: 'shutdown' });
    expect(next.sent).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  it('is over by the deadline, whatever the policy, the answers and the dice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 1, max: 40_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: undefined }),
        async (maxRetries, initialDelayMs, deadline, dice, retryAfterMs) => {
          const clock = manualClock();
          const next = scriptedTransport(retryable(retryAfterMs));
          const random = () => dice;
          const retryPolicy = { maxRetries, initialDelayMs, maxDelayMs: 60_000 };
          const retrying = withRetry(next, retryPolicy, retryDeps(clock, random));
          const outcome = sent(retrying, wireRequest(), sendContext(deadline));
          await clock.advance(deadline);
          await expect(outcome).resolves.toMatchObject({ kind: 'dropped' });
          expect(next.sent.length).toBeLessThanOrEqual(maxRetries + 1);
        },
      ),
      { numRuns: 100 },
    );
  });
});
