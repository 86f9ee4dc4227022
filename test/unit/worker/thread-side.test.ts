import { describe, expect, it } from 'vitest';
import type { DeliveryState } from '../../../src/delivery/delivery.ts';
import type { Report, ReportBatch } from '../../../src/worker/protocol.ts';
import type { Reporter } from '../../../src/worker/thread-side.ts';
import { countedLife, createReporter } from '../../../src/worker/thread-side.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';

interface Setup {
  readonly reporter: Reporter;
  readonly posted: ReportBatch[];
  readonly clock: ManualClock;
  state: DeliveryState;
  /** Ends what is going on now. */
  readonly runSoon: () => void;
}

const FLOWING: DeliveryState = { pendingBytes: 0, halted: undefined, spool: undefined };
const done: Report = { kind: 'done', id: 1 };
const delivered: Report = {
  kind: 'delivered',
  sourceId: 0,
  receipt: {
    txId: 'tx',
    payloadHash: undefined,
    duplicate: false,
    requestId: 'r',
    status: undefined,
    idempotencyKey: 'k',
  },
  summary: undefined,
};

function setup(): Setup {
  const clock = manualClock();
  const posted: ReportBatch[] = [];
  let soon: (() => void)[] = [];
  const made: Setup = {
    clock,
    posted,
    state: FLOWING,
    runSoon() {
      const due = soon;
      soon = [];
      for (const run of due) run();
    },
    reporter: createReporter({
      post: (batch) => posted.push(batch),
      state: () => made.state,
      clock,
      soon: (run) => soon.push(run),
    }),
  };
  made.reporter.open();
  posted.length = 0;
  return made;
}

describe('createReporter', () => {
  it('lets reports that nobody waits for gather for a few ms', async () => {
    const { reporter, posted, clock } = setup();
    reporter.accepted(1);
    reporter.repeated(3);
    reporter.accepted(2);
    await clock.advance(3);
    expect(posted).toEqual([]);
    await clock.advance(1);
    expect(posted).toMatchObject([{ accepted: [1, 2], repeated: [3], state: FLOWING, at: 4 }]);
  });

  it('brings a report that somebody waits for at once, with all there is', () => {
    const { reporter, posted, runSoon } = setup();
    reporter.accepted(1);
    reporter.report(done, 'now');
    runSoon();
    expect(posted).toMatchObject([{ accepted: [1], reports: [done] }]);
  });

  it('posts when there is much of it', () => {
    const { reporter, posted } = setup();
    for (let id = 0; id < 1_000; id += 1) reporter.accepted(id);
    expect(posted.map(({ accepted }) => accepted.length)).toEqual([512]);
  });

  it('says that an event is on disk in an earlier message than that one left', async () => {
    const { reporter, posted, clock } = setup();
    reporter.stored(1);
    reporter.report(delivered, 'later');
    await clock.advance(10);
    expect(posted.map(({ stored, reports }) => [stored.length, reports.length])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it('posts nothing while nothing happens', async () => {
    const { posted, clock } = setup();
    await clock.advance(5_000);
    expect(posted).toEqual([]);
  });

  it('tells of a state that changed by itself', async () => {
    const made = setup();
    made.state = { ...FLOWING, halted: 'quota' };
    await made.clock.advance(1_000);
    expect(made.posted).toMatchObject([{ state: { halted: 'quota' } }]);
  });

  it('says how far it had got when it has nothing more to do', () => {
    const { reporter, posted } = setup();
    reporter.accepted(1);
    reporter.idle(7);
    expect(posted).toMatchObject([{ accepted: [1], idleAfter: 7 }]);
  });
});

describe('the life of a thread that is not told its end', () => {
  function counted() {
    const idleAfter: number[] = [];
    let soon: (() => void)[] = [];
    const idle = (after: number): void => void idleAfter.push(after);
    const life = countedLife({ idle }, (run) => soon.push(run));
    const runSoon = (): void => {
      const due = soon;
      soon = [];
      for (const run of due) run();
    };
    return { life, idleAfter, runSoon };
  }

  it('has the process live for what is under way, until all of it has ended', () => {
    const { life, idleAfter, runSoon } = counted();
    life.received();
    life.begun();
    life.begun();
    life.ended();
    runSoon();
    expect(idleAfter).toEqual([]);
    life.ended();
    runSoon();
    expect(idleAfter).toEqual([1]);
  });

  it('says after each message that nothing of it is to be waited for', () => {
    const { life, idleAfter, runSoon } = counted();
    life.received();
    runSoon();
    life.received();
    life.received();
    runSoon();
    expect(idleAfter).toEqual([1, 3]);
  });

  it('says nothing where the next piece of work begins before it could', () => {
    const { life, idleAfter, runSoon } = counted();
    life.received();
    life.begun();
    life.ended();
    life.begun();
    runSoon();
    expect(idleAfter).toEqual([]);
  });
});
