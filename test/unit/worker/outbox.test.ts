import { describe, expect, it } from 'vitest';
import { createOutbox } from '../../../src/worker/thread.ts';
import type { Outbox } from '../../../src/worker/thread.ts';

interface Setup {
  readonly outbox: Outbox<string>;
  readonly posted: (readonly string[])[];
  /** Ends the time to gather. */
  readonly runDeferred: () => void;
}

function setup(): Setup {
  const posted: (readonly string[])[] = [];
  let deferred: (() => void)[] = [];
  const outbox = createOutbox<string>({
    post: (items) => posted.push(items),
    defer: (run) => deferred.push(run),
    fullBytes: 100,
  });
  const runDeferred = (): void => {
    const due = deferred;
    deferred = [];
    for (const run of due) run();
  };
  return { outbox, posted, runDeferred };
}

describe('createOutbox', () => {
  it('posts what was added in one go together, in its order', () => {
    const { outbox, posted, runDeferred } = setup();
    for (const item of ['a', 'b', 'c']) outbox.add(item, 10);
    expect(posted).toEqual([]);
    runDeferred();
    expect(posted).toEqual([['a', 'b', 'c']]);
    outbox.add('d', 10);
    runDeferred();
    expect(posted).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('does not wait for more once it is full', () => {
    const { outbox, posted, runDeferred } = setup();
    outbox.add('a', 60);
    outbox.add('b', 40);
    outbox.add('c', 1);
    expect(posted).toEqual([['a', 'b']]);
    runDeferred();
    expect(posted).toEqual([['a', 'b'], ['c']]);
  });

  it('posts an item that is above the limit by itself', () => {
    const { outbox, posted } = setup();
    outbox.add('large', 1_000);
    expect(posted).toEqual([['large']]);
  });

  it('posts nothing when there is nothing', () => {
    const { outbox, posted, runDeferred } = setup();
    outbox.add('large', 1_000);
    runDeferred();
    expect(posted).toEqual([['large']]);
  });
});
