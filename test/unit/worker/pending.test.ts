import { describe, expect, it } from 'vitest';
import { PendingEvent } from '../../../src/delivery/delivery.ts';
import { OwnSendScope } from '../../../src/delivery/send-scope.ts';
import type { Handover, OpenEvent } from '../../../src/worker/pending.ts';
import { createHandover } from '../../../src/worker/pending.ts';
import { wireRequest } from '../../support/requests.ts';
import { sendContext } from '../../support/send-context.ts';

const scope = new OwnSendScope('process');

function context(id: number, bytes = 10): OpenEvent {
  const limits = { ...sendContext(), sourceId: 0, awaited: false, scope };
  return { id, event: new PendingEvent(wireRequest({ bytes }), limits, () => {}), tell: undefined };
}

interface Setup {
  readonly handover: Handover;
  readonly posted: number[];
  readonly closed: Set<number>;
}

function setup(): Setup {
  const posted: number[] = [];
  const closed = new Set<number>();
  const handover = createHandover({
    post: ({ id }) => posted.push(id),
    isOpen: (id) => !closed.has(id),
    windowBytes: 30,
  });
  return { handover, posted, closed };
}

const events = [1, 2, 3, 4, 5, 6].map((id) => context(id));
const [first, second, third] = events as [OpenEvent, OpenEvent, OpenEvent];

describe('createHandover', () => {
  it('hands over what the thread has room for, the rest in its order', () => {
    const { handover, posted } = setup();
    for (const each of events) handover.add(each);
    expect(posted).toEqual([1, 2, 3]);
    handover.freed(second);
    expect(posted).toEqual([1, 2, 3, 4]);
    handover.freed(first);
    handover.freed(third);
    expect(posted).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('lets no event overtake one that waits', () => {
    const { handover, posted } = setup();
    for (const each of [first, second, context(7, 25), context(8, 5)]) handover.add(each);
    expect(posted).toEqual([1, 2]);
    handover.freed(first);
    handover.freed(second);
    expect(posted).toEqual([1, 2, 7, 8]);
  });

  it('hands over an event that is above the limit by itself', () => {
    const { handover, posted } = setup();
    handover.add(context(7, 1_000));
    handover.add(first);
    expect(posted).toEqual([7]);
  });

  it('frees room once, and only for what the thread has', () => {
    const { handover, posted } = setup();
    for (const each of events) handover.add(each);
    handover.freed(first);
    handover.freed(first);
    handover.freed(context(6));
    expect(posted).toEqual([1, 2, 3, 4]);
  });

  it('leaves out what was given up while it waited', () => {
    const { handover, posted, closed } = setup();
    for (const each of events) handover.add(each);
    closed.add(4);
    handover.freed(first);
    expect(posted).toEqual([1, 2, 3, 5]);
  });

  it('begins anew with a new thread', () => {
    const { handover, posted } = setup();
    for (const each of events) handover.add(each);
    posted.length = 0;
    handover.restart(events);
    expect(posted).toEqual([1, 2, 3]);
    handover.freed(first);
    expect(posted).toEqual([1, 2, 3, 4]);
  });
});
