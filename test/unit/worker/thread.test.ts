import { describe, expect, it } from 'vitest';
import type { PlainCommand } from '../../../src/worker/protocol.ts';
import { PendingEvent } from '../../../src/delivery/delivery.ts';
import type {
  Outbox,
  OutgoingEvent,
  ThreadLink,
  ThreadLinkDeps,
  ThreadListener,
} from '../../../src/worker/thread.ts';
import {
  createOutbox,
  createRestartPolicy,
  createThreadLink,
  gatherCommands,
  memoryOf,
} from '../../../src/worker/thread.ts';
import { eventually } from '../../support/eventually.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';
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

interface Linked {
  readonly link: ThreadLink;
  readonly clock: ManualClock;
  /** The listener of the newest thread. */
  readonly listener: () => ThreadListener;
  readonly stops: () => number;
  readonly givenUp: readonly string[];
}

/** A link to threads that do nothing; the given parts of it may throw. */
function linked(broken: Partial<ThreadLinkDeps>, post: () => void = () => {}): Linked {
  const clock = manualClock();
  const listeners: ThreadListener[] = [];
  const givenUp: string[] = [];
  let stops = 0;
  const ignore = (): void => {};
  const stop = (): Promise<void> => {
    stops += 1;
    return Promise.resolve();
  };
  const link = createThreadLink({
    clock,
    policy: createRestartPolicy(),
    start: (listener) => {
      listeners.push(listener);
      return { post, stop };
    },
    onReports: ignore,
    onDeath: ignore,
    onRestart: ignore,
    onReplaced: ignore,
    onGivenUp: (detail) => givenUp.push(detail),
    ...broken,
  });
  const listener = (): ThreadListener => {
    const newest = listeners.at(-1);
    if (newest === undefined) throw new Error('no thread was started');
    return newest;
  };
  return { link, clock, listener, stops: () => stops, givenUp };
}

const BATCH = {
  idleAfter: 0,
  repeated: [],
  accepted: [],
  stored: [],
  reports: [],
  state: { pendingBytes: 0, halted: undefined, spool: undefined },
  at: 0,
};

function broken(): never {
  throw new TypeError('broken');
}

describe('a thread whose listener throws', () => {
  it('is ended and given up, and the process goes on', () => {
    const { listener, stops, givenUp } = linked({ onReports: broken });
    listener().onReports(BATCH);
    listener().onReports(BATCH);
    expect({ stops: stops(), givenUp }).toEqual({ stops: 1, givenUp: ['TypeError'] });
  });

  it.each(['onDeath', 'onRestart'] as const)('is given up also where %s throws', (name) => {
    const { listener, givenUp } = linked({ [name]: broken });
    listener().onDeath({ detail: 'exit code 1', started: true });
    expect(givenUp).toEqual(['TypeError']);
  });

  it('is given up where its replacement cannot be told what it is to do', async () => {
    const { listener, clock, stops, givenUp } = linked({ onReplaced: broken });
    listener().onDeath({ detail: 'exit code 1', started: true });
    await clock.advance(1_000);
    expect({ stops: stops(), givenUp }).toEqual({ stops: 1, givenUp: ['TypeError'] });
  });

  it('is given up where it takes no messages', async () => {
    const { link, givenUp } = linked({}, broken);
    link.tell(hurry, 10);
    await eventually(() => givenUp.length > 0);
    expect(givenUp).toEqual(['TypeError']);
  });

  it('harms nobody where giving up fails as well', () => {
    const { listener, stops } = linked({ onReports: broken, onGivenUp: broken });
    listener().onReports(BATCH);
    expect(stops()).toBe(1);
  });
});
