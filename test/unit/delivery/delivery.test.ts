import { describe, expect, it } from 'vitest';
import { PendingEvent } from '../../../src/delivery/delivery.ts';
import type { AttemptOutcome, Outcome } from '../../../src/outcome.ts';
import { wireRequest } from '../../support/requests.ts';
import {
  accepted,
  conflict,
  quota,
  rejected,
  retryable,
} from '../../support/scripted-transport.ts';
import { sendContext } from '../../support/send-context.ts';

interface Setup {
  readonly event: PendingEvent;
  readonly settled: Outcome[];
}

function setup(): Setup {
  const settled: Outcome[] = [];
  const event = new PendingEvent(wireRequest(), sendContext(), (outcome) => settled.push(outcome));
  return { event, settled };
}

describe('an event that is under way', () => {
  it('comes back the way it went, however long that was, and is settled at the end of it', () => {
    const { event, settled } = setup();
    const passed: number[] = [];
    const places = Array.from({ length: 20 }, (_, place) => place);
    for (const place of places) {
      event.onEnd((same, outcome) => {
        passed.push(place);
        expect([same, settled]).toEqual([event, []]);
        same.end(outcome);
      });
    }
    event.end(accepted);
    expect(passed).toEqual(places.toReversed());
    expect(settled).toEqual([accepted]);
  });

  it('can be sent again from where it has come back to', () => {
    const { event, settled } = setup();
    const outcomes: AttemptOutcome[] = [retryable(), retryable(), accepted];
    const passed: string[] = [];
    const send = (): void => {
      event.onEnd((same, outcome) => {
        passed.push(outcome.kind);
        if (outcome.kind === 'retryable') send();
        else same.end(outcome);
      });
      event.end(outcomes.shift() ?? rejected);
    };
    send();
    expect(passed).toEqual(['retryable', 'retryable', 'accepted']);
    expect(settled).toEqual([accepted]);
  });

  it.each([
    ['retries_exhausted', retryable()],
    ['quota_exhausted', quota()],
    ['rejected', rejected],
  ])('is lost as %s when nobody repeats it any more', (reason, outcome) => {
    const { event, settled } = setup();
    event.end(outcome);
    expect(settled).toMatchObject([{ kind: 'dropped', reason }]);
  });

  it('may be repeated after any number of failures, and after one conflict', () => {
    const { event } = setup();
    const answers = [retryable(), conflict, retryable(), conflict] as never[];
    expect(answers.map((answer) => event.failed(answer))).toEqual([true, true, true, false]);
    expect(event.failures).toBe(4);
  });

  it('is woken by who hurried since its attempt began', () => {
    const { event } = setup();
    const { scope } = event.context as ReturnType<typeof sendContext>;
    event.begin(0);
    scope.hurry();
    expect(event.wake.aborted).toBe(true);
    event.begin(0);
    expect(event.wake.aborted).toBe(false);
  });
});
