import { beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/delivery/delivery.ts';
import { PendingEvent } from '../../../src/delivery/delivery.ts';
import { OwnSendScope } from '../../../src/delivery/send-scope.ts';
import { SourceLog, SpooledDelivery } from '../../../src/delivery/spooled-delivery.ts';
import type { Outcome } from '../../../src/outcome.ts';
import type { Notice } from '../../../src/runtime/diagnostics.ts';
import { fakeLiveness } from '../../support/fake-liveness.ts';
import type { HangingFiles } from '../../support/hanging-files.ts';
import { hangingFiles } from '../../support/hanging-files.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';
import type { ScriptedTransport } from '../../support/scripted-transport.ts';
import { accepted, scriptedTransport } from '../../support/scripted-transport.ts';
import { sendContext } from '../../support/send-context.ts';
import type { RememberedDiagnostics } from '../../support/silent-diagnostics.ts';
import { rememberedDiagnostics } from '../../support/silent-diagnostics.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';
import { simulatedSpool, spoolEntry } from '../../support/simulated-spool.ts';

const ref = (sequence: number, writer = 'w') => ({ writer, sequence });

describe('the log of sources', () => {
  it('gives each record its source once', () => {
    const log = new SourceLog();
    for (let sequence = 1; sequence <= 10_000; sequence += 1) log.put(ref(sequence), sequence);
    for (let sequence = 10_000; sequence > 0; sequence -= 1) {
      expect(log.peek(ref(sequence))).toBe(sequence);
      expect(log.take(ref(sequence))).toBe(sequence);
      expect(log.take(ref(sequence))).toBe(0);
    }
  });

  it('knows nobody for a record it was never told of', () => {
    const log = new SourceLog();
    log.put(ref(1), 7);
    expect([ref(2), ref(1, 'other'), ref(5_000)].map((each) => log.take(each))).toEqual([0, 0, 0]);
  });
});

const isStall = ({ code }: Notice): boolean => code === 'spool_stalled';

describe('a disk that gives no answer', () => {
  const DEADLINE_MS = 25_000;
  const NO_ANSWER = { detail: 'the disk does not answer', status: undefined };

  let files: HangingFiles;
  let clock: ManualClock;
  let wire: ScriptedTransport;
  let delivery: SpooledDelivery;
  let diagnostics: RememberedDiagnostics;
  let recovered: number;
  let delivered: number;

  beforeEach(async () => {
    files = hangingFiles(simulatedFiles());
    clock = manualClock();
    diagnostics = rememberedDiagnostics();
    await leaveSome();
    delivery = open();
  });

  /** What a process that is gone has left, so that there is something to take over. */
  async function leaveSome(): Promise<void> {
    const spool = simulatedSpool({ files, clock, writer: 'a' });
    for (const key of ['one', 'two']) await spool.store(spoolEntry(key));
  }

  function open(): SpooledDelivery {
    wire = scriptedTransport(accepted);
    recovered = 0;
    delivered = 0;
    const transport = {
      ...wire,
      resume: () => {},
      halted: () => undefined,
      inDoubt: () => false,
      opensAt: () => undefined,
      refusal: () => undefined,
      acceptances: () => 0,
      window: (most: number) => most,
      onChange: () => {},
    };
    const memory: Delivery = {
      ...wire,
      pendingBytes: () => 0,
      state: () => ({ pendingBytes: 0, halted: undefined, spool: undefined }),
      resume: () => {},
      flush: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const retry = { maxRetries: 0, initialDelayMs: 500, maxDelayMs: 60_000 };
    const spool = simulatedSpool({ files, clock, liveness: fakeLiveness(), writer: 'b' });
    return new SpooledDelivery(
      { retry, concurrency: 8, maxPendingBytes: 5_000 },
      {
        clock,
        ids: { newId: () => 'id', newSecret: () => 'secret', random: () => 0.5 },
        diagnostics,
        wantsReceipts: false,
        redactText: (text) => text,
        events: {
          delivered: () => (delivered += 1),
          quarantined: () => {},
          retried: () => {},
          recovered: (count) => (recovered += count),
        },
      },
      { spool, transport, memory },
    );
  }

  function send(scope = new OwnSendScope('background'), awaited = false): Outcome[] {
    const outcomes: Outcome[] = [];
    const context = { ...sendContext(clock.now() + DEADLINE_MS), scope, awaited };
    const event = new PendingEvent(spoolEntry('new'), context, (outcome) => outcomes.push(outcome));
    delivery.send(event);
    return outcomes;
  }

  async function endsBy(work: Promise<unknown>, ms: number): Promise<boolean> {
    let ended = false;
    void work.then(() => (ended = true));
    await clock.advance(ms);
    return ended;
  }

  const OPERATIONS = ['mkdir', 'syncdir', 'create', 'write', 'sync', 'identity'];

  it.each(OPERATIONS)('settles an event by its deadline, and no sooner (%s)', async (operation) => {
    files.hang(operation);
    const outcomes = send();
    await clock.advance(DEADLINE_MS - 1);
    expect(outcomes).toEqual([]);
    await clock.advance(1);
    expect(outcomes).toEqual([{ kind: 'dropped', reason: 'deadline', failure: NO_ANSWER }]);
  });

  it.each(OPERATIONS)('settles an event soon after its signal fires (%s)', async (operation) => {
    files.hang(operation);
    const scope = new OwnSendScope('process');
    const outcomes = send(scope, true);
    await clock.advance(5_000);
    scope.abort('aborted');
    await clock.advance(100);
    expect(outcomes).toEqual([{ kind: 'dropped', reason: 'aborted', failure: NO_ANSWER }]);
  });

  it.each([...OPERATIONS, 'list', 'rename', 'open', 'read', 'unlink', 'close', 'rmdir', 'space'])(
    'is closed in time although it hangs from the start (%s)',
    async (operation) => {
      await clock.advance(0);
      files.hang(operation);
      delivery = open();
      const outcomes = send();
      expect(await endsBy(delivery.close(1_000), 1_400)).toBe(true);
      expect(outcomes).toHaveLength(1);
      expect(delivery.state().pendingBytes).toBeLessThan(5_000);
    },
  );

  it.each([...OPERATIONS, 'list', 'rename', 'open', 'read', 'unlink', 'close', 'rmdir', 'space'])(
    'is closed in time although it hangs later (%s)',
    async (operation) => {
      send();
      await clock.advance(1_000);
      files.hang(operation);
      const outcomes = send();
      expect(await endsBy(delivery.close(1_000), 1_400)).toBe(true);
      expect(outcomes).toHaveLength(1);
    },
  );

  it('lets go of who awaits an event that cannot be read back', async () => {
    await clock.advance(100);
    files.hang('read', 'open');
    const scope = new OwnSendScope('process');
    const outcomes = send(scope, true);
    await clock.advance(1_000);
    const [outcome] = outcomes;
    if (outcome?.kind !== 'spooled') throw new Error('it is not on disk');
    scope.abort('aborted');
    expect(await outcome.delivered).toMatchObject({ kind: 'dropped', reason: 'aborted' });
  });

  it('counts what was given up again when it turns out to be on disk, and delivers it', async () => {
    await clock.advance(100);
    expect([recovered, delivered]).toEqual([2, 2]);
    files.hang('sync');
    const outcomes = send();
    await clock.advance(DEADLINE_MS);
    expect(outcomes).toMatchObject([{ reason: 'deadline' }]);
    expect([recovered, delivered]).toEqual([2, 2]);
    files.answer();
    await clock.advance(100);
    expect(outcomes).toHaveLength(1);
    expect([recovered, delivered]).toEqual([3, 3]);
    expect(wire.sent.at(-1)?.idempotencyKey).toBe('new');
  });

  it('gives a commit a moment when its deadline is over, for on disk it has none', async () => {
    files.hang('sync');
    const outcomes: Outcome[] = [];
    const event = new PendingEvent(spoolEntry('new'), sendContext(clock.now()), (outcome) =>
      outcomes.push(outcome),
    );
    delivery.send(event);
    await clock.advance(900);
    files.answer();
    await clock.advance(10);
    expect(outcomes).toMatchObject([{ kind: 'spooled' }]);
  });

  it('holds no more bytes than it may, whoever has given up waiting', async () => {
    files.hang('sync');
    const outcomes = Array.from({ length: 20 }, () => send()).flat();
    expect(outcomes.every((each) => each.kind === 'dropped')).toBe(true);
    await clock.advance(DEADLINE_MS);
    expect(send()).toMatchObject([{ kind: 'dropped', reason: 'queue_full' }]);
    files.answer();
    await clock.advance(100);
    expect(delivery.state().pendingBytes).toBe(0);
  });

  it('is told of once, shown while it lasts, and written no more at exit', async () => {
    const stalled = (): unknown => delivery.state().spool?.stalled;
    files.hang('sync');
    send();
    await clock.advance(4_999);
    expect([stalled(), diagnostics.notices.filter(isStall).length]).toEqual([false, 0]);
    await clock.advance(60_000);
    expect([stalled(), diagnostics.notices.filter(isStall).length]).toEqual([true, 1]);
    files.answer();
    await clock.advance(100);
    expect(stalled()).toBe(false);
    files.hang('write');
    send();
    await clock.advance(5_000);
    expect([stalled(), diagnostics.notices.filter(isStall).length]).toEqual([true, 2]);
  });

  it('is not taken to hang because events never cease to come', async () => {
    for (let second = 0; second < 20; second += 1) {
      send();
      await clock.advance(500);
      expect(delivery.state().spool?.stalled).toBe(false);
    }
    expect(diagnostics.notices.filter(isStall)).toEqual([]);
  });
});
