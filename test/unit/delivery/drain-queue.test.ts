import { describe, expect, it } from 'vitest';
import type { Claimed } from '../../../src/delivery/drain-queue.ts';
import { DrainQueue } from '../../../src/delivery/drain-queue.ts';
import { AnyPlace } from '../../../src/delivery/turns.ts';
import type { SpooledRecord } from '../../../src/spool/spool.ts';
import { bodyOf } from '../../support/requests.ts';
import { sendContext } from '../../support/send-context.ts';

function recordAt(sequence: number): SpooledRecord {
  const key = `key-${sequence}`;
  const ref = { writer: 'w', sequence };
  return { ref, idempotencyKey: key, requestId: key, storedAtMs: 0, body: bodyOf('{}').body };
}

function queueOf(count: number): DrainQueue {
  const queue = new DrainQueue(new AnyPlace(() => 0.5));
  queue.add(
    Array.from({ length: count }, (_, index) => recordAt(index + 1)),
    sendContext(),
  );
  return queue;
}

const sequenceOf = (claimed: Claimed | undefined): number | undefined =>
  claimed?.record.ref.sequence;

describe('the queue of the drain', () => {
  it('gives the oldest first while they go well', () => {
    const queue = queueOf(4);
    for (const expected of [1, 2, 3, 4]) {
      const next = queue.nextFresh();
      expect(sequenceOf(next)).toBe(expected);
      expect(next?.front).toBe(true);
      queue.frontEnded(true);
    }
    expect(queue.nextFresh()).toBeUndefined();
  });

  it('gives more and more others between the oldest that fail one after the other', () => {
    const queue = queueOf(200);
    const between: number[] = [];
    let others = 0;
    for (let taken = 0; taken < 70; taken += 1) {
      if (queue.nextFresh()?.front === true) {
        between.push(others);
        others = 0;
        queue.frontEnded(false);
      } else others += 1;
    }
    expect(between).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16]);
  });

  it('goes back to the oldest when one of them went well', () => {
    const queue = queueOf(20);
    for (let failed = 0; failed < 6; failed += 1) {
      queue.nextFresh();
      queue.frontEnded(false);
    }
    queue.frontEnded(true);
    const [next, after] = [queue.nextFresh(), queue.nextFresh()];
    expect([next?.front, after?.front]).toEqual([true, true]);
    expect(queue.freshOrder).toBeGreaterThan(sequenceOf(after) ?? 0);
  });
});
