import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/emulator/faults.ts';
import { FaultQueue } from '../../../src/emulator/faults.ts';
import { recordRequest } from '../../../src/emulator/requests.ts';
import { sampleRequest } from '../../support/sample-requests.ts';

const request = recordRequest(sampleRequest());

function queueOf(...faults: readonly Fault[]): FaultQueue {
  const queue = new FaultQueue();
  queue.add(faults);
  return queue;
}

function takeStatuses(queue: FaultQueue, count: number): (number | undefined)[] {
  return Array.from({ length: count }, () => queue.takeForRequest(request)?.status);
}

describe('the queue of faults', () => {
  it('gives each fault out once, in order, then none', () => {
    expect(takeStatuses(queueOf({ status: 500 }, { status: 501 }), 3)).toEqual([
      500,
      501,
      undefined,
    ]);
  });

  it('gives a fault out as many times as it says', () => {
    expect(takeStatuses(queueOf({ status: 500, times: 2 }, { status: 501 }), 4)).toEqual([
      500,
      500,
      501,
      undefined,
    ]);
  });

  it('gives a fault without end out until it is told to forget', () => {
    const queue = queueOf({ status: 500, times: Infinity });
    expect(new Set(takeStatuses(queue, 1_000))).toEqual(new Set([500]));
    queue.clear();
    expect(takeStatuses(queue, 1)).toEqual([undefined]);
  });

  it('passes over faults that are for other requests, and keeps them', () => {
    let wanted = false;
    const queue = queueOf({ status: 500, when: () => wanted }, { status: 501 });
    expect(takeStatuses(queue, 2)).toEqual([501, undefined]);
    wanted = true;
    expect(takeStatuses(queue, 2)).toEqual([500, undefined]);
  });

  it('shows the request to the one who chooses, without its credential', () => {
    const seen: unknown[] = [];
    queueOf({ when: (shown) => seen.push(shown) > 0 }).takeForRequest(request);
    expect(seen).toEqual([request]);
    expect(JSON.stringify(seen)).not.toContain('iml_live');
  });

  it('keeps faults of connections apart from those of requests', () => {
    const queue = queueOf({ closeOnAccept: true, times: 2 });
    expect(takeStatuses(queue, 1)).toEqual([undefined]);
    expect([1, 2, 3].map(() => queue.takeForConnection())).toEqual([true, true, false]);
  });

  it.each<readonly [string, Fault]>([
    ['times', { times: 0 }],
    ['times', { times: 1.5 }],
    ['times', { times: NaN }],
    ['status', { status: 199 }],
    ['status', { status: 600 }],
    ['status', { status: 200.5 }],
    ['delayMs', { delayMs: -1 }],
    ['slowHeadersMs', { slowHeadersMs: 2 ** 31 }],
  ])('refuses a script whose %s is out of range, as a whole', (name, wrong) => {
    const queue = new FaultQueue();
    expect(() => {
      queue.add([{ status: 500 }, wrong]);
    }).toThrow(new RegExp(name));
    expect(takeStatuses(queue, 1)).toEqual([undefined]);
  });
});
