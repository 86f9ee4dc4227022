import { describe, expect, it } from 'vitest';
import type { PlainCommand } from '../../../src/worker/protocol.ts';
import { PendingEvent } from '../../../src/delivery/delivery.ts';
import type { Outbox, OutgoingEvent } from '../../../src/worker/thread.ts';
import {
  createOutbox,
  createRestartPolicy,
  gatherCommands,
  memoryOf,
} from '../../../src/worker/thread.ts';
import { bodyOf } from '../../support/requests.ts';
import { sendContext } from '../../support/send-context.ts';

function context(id: number, { sourceId = 0, scope = 1 } = {}): OutgoingEvent {
  const request = { idempotencyKey: `key-${id}`, requestId: `r-${id}`, ...bodyOf(`{"n":${id}}`) };
  const limits = { ...sendContext(1_000 + id), sourceId, awaited: false };
  const open = { id, event: new PendingEvent(request, limits, () => {}), tell: undefined };
  return { kind: 'event', scope, open };
}

function idsOf(commands: ReturnType<typeof gatherCommands>): unknown[] {
  return commands.map((command) => (command.kind === 'send' ? command.ids : command));
}

const hurry: PlainCommand = { kind: 'hurry', id: 1 };

describe('gatherCommands', () => {
  it('puts events that follow each other into one command, by columns', () => {
    expect(gatherCommands([context(1), context(2)])).toEqual([
      {
        kind: 'send',
        scope: 1,
        sourceId: 0,
        awaited: false,
        ids: [1, 2],
        deadlines: [1_001, 1_002],
        idempotencyKeys: ['key-1', 'key-2'],
        requestIds: ['r-1', 'r-2'],
        sizes: [7, 7],
        bodies: new Uint8Array(Buffer.from('{"n":1}{"n":2}')),
      },
    ]);
  });

  it('keeps the order of events and commands', () => {
    const items = [context(1), hurry, context(2), context(3), hurry];
    expect(idsOf(gatherCommands(items))).toEqual([[1], hurry, [2, 3], hurry]);
  });

  it('begins a new command where the account or the scope is another', () => {
    const items = [context(1), context(2, { sourceId: 1 }), context(3, { scope: 2 }), context(4)];
    expect(idsOf(gatherCommands(items))).toEqual([[1], [2], [3], [4]]);
  });

  it('gives the memory of copies to the thread and keeps its own', () => {
    const mine = context(1);
    const [copied] = memoryOf(gatherCommands([hurry, mine]));
    expect(copied).toBeInstanceOf(ArrayBuffer);
    expect(copied).not.toBe(mine.open.event.request.body.buffer);
  });
});

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

describe('createRestartPolicy', () => {
  it('waits twice as long each time, and gives up at the fifth death within a minute', () => {
    const policy = createRestartPolicy();
    const waits = [0, 1_000, 2_000, 3_000, 59_999].map((at) => policy.died(at));
    expect(waits).toEqual([50, 100, 200, 400, undefined]);
  });

  it('forgets deaths that are a minute old', () => {
    const policy = createRestartPolicy();
    for (const at of [0, 10, 20, 30]) policy.died(at);
    expect(policy.died(60_005)).toBe(400);
    expect(policy.died(120_010)).toBe(50);
  });
});
