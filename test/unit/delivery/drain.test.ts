import { beforeEach, describe, expect, it } from 'vitest';
import { Drain, RetryBudget } from '../../../src/delivery/drain.ts';
import type { HaltingTransport } from '../../../src/delivery/halt.ts';
import { withHalt } from '../../../src/delivery/halt.ts';
import { OwnSendScope } from '../../../src/delivery/send-scope.ts';
import { Traffic } from '../../../src/delivery/traffic.ts';
import type { AttemptOutcome } from '../../../src/outcome.ts';
import type { FakeSpool } from '../../support/fake-spool.ts';
import { fakeSpool } from '../../support/fake-spool.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock, settle } from '../../support/manual-clock.ts';
import type { ManualTransport } from '../../support/scripted-transport.ts';
import {
  accepted,
  conflict,
  manualTransport,
  misconfigured,
  quota,
  rejected,
  retryable,
} from '../../support/scripted-transport.ts';
import { rememberedDiagnostics } from '../../support/silent-diagnostics.ts';

const policy = { maxRetries: 0, initialDelayMs: 500, maxDelayMs: 60_000 };
const CONCURRENCY = 8;

let clock: ManualClock;
let spool: FakeSpool;
let wire: ManualTransport;
let halting: HaltingTransport;
let traffic: Traffic;
let drain: Drain;
let told: string[];

beforeEach(() => {
  clock = manualClock();
  spool = fakeSpool();
  wire = manualTransport();
  told = [];
  const diagnostics = rememberedDiagnostics();
  const onMisconfigured = (): void => {
    told.push('key asked for again');
  };
  halting = withHalt(wire, { clock, quotaProbeMs: 3_600_000, diagnostics, onMisconfigured });
  const random = (): number => 0.5;
  traffic = new Traffic({
    clock,
    random,
    policy,
    concurrency: CONCURRENCY,
    diagnostics,
    opensAt: () => halting.opensAt(),
  });
  drain = new Drain({
    spool,
    transport: halting,
    traffic,
    policy,
    clock,
    random,
    scope: new OwnSendScope('background'),
    awaited: () => false,
    wantsReceipts: () => false,
    redactText: (text) => text.replace('ana@example.com', '[email]'),
    events: {
      delivered: ({ ref }) => told.push(`delivered ${ref.sequence}`),
      quarantined: ({ ref }) => told.push(`quarantined ${ref.sequence}`),
      parked: ({ kind }) => told.push(`parked ${kind}`),
      retried: ({ sequence }) => told.push(`retried ${sequence}`),
    },
  });
});

const openKeys = (): readonly string[] => wire.open.map(({ request }) => request.idempotencyKey);

async function answerAll(outcome: AttemptOutcome): Promise<void> {
  for (const { answer } of wire.open.splice(0)) answer(outcome);
  await settle();
}

async function start(count: number): Promise<void> {
  spool.fill(count);
  drain.wake();
  await settle();
}

/** Ends in an outage that five failures in a row have proven. */
async function startInOutage(count: number): Promise<void> {
  await start(count);
  await answerAll(retryable());
}

describe('the drain', () => {
  it('sends what is in the spool, oldest first, as many at once as may be', async () => {
    await start(20);
    expect(openKeys()).toEqual([
      'key-1',
      'key-2',
      'key-3',
      'key-4',
      'key-5',
      'key-6',
      'key-7',
      'key-8',
    ]);
    await answerAll(accepted);
    await answerAll(accepted);
    await answerAll(accepted);
    expect(spool.acknowledged).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(told).toHaveLength(20);
  });

  it('sends what comes later as soon as it is woken', async () => {
    await start(1);
    await answerAll(accepted);
    await start(1);
    expect(openKeys()).toEqual(['key-2']);
  });

  it('acknowledges nothing that was not accepted', async () => {
    await startInOutage(3);
    expect(spool.acknowledged).toEqual([]);
  });

  it('repeats a failed record after a wait, before newer ones, for ever', async () => {
    await start(1);
    for (let attempt = 0; attempt < 40; attempt += 1) {
      await answerAll(retryable());
      await clock.advance(60_000);
      expect(openKeys()).toEqual(['key-1']);
    }
    await answerAll(accepted);
    expect(spool.acknowledged).toEqual([1]);
  });

  it('waits at least as long as the server asked', async () => {
    await start(1);
    await answerAll(retryable(7_000));
    await clock.advance(6_999);
    expect(openKeys()).toEqual([]);
    await clock.advance(1);
    expect(openKeys()).toEqual(['key-1']);
  });

  it('meets an outage with one probe at a time', async () => {
    await startInOutage(100);
    expect(traffic.breaker).toBe('open');
    let probes = 0;
    for (let second = 0; second < 60; second += 1) {
      await clock.advance(1_000);
      expect(wire.open.length).toBeLessThanOrEqual(1);
      probes += wire.open.length;
      await answerAll(retryable());
    }
    expect(probes).toBeGreaterThan(3);
    expect(probes).toBeLessThan(10);
  });

  it('probes with the oldest, and after three failures gives another one a chance', async () => {
    await startInOutage(100);
    const probed: string[] = [];
    for (let probe = 0; probe < 6; probe += 1) {
      await clock.advance(60_000);
      probed.push(...openKeys());
      await answerAll(retryable());
    }
    expect(probed).toEqual(['key-1', 'key-1', 'key-1', 'key-2', 'key-1', 'key-1']);
  });

  it('sends first, after an outage, what failed in it', async () => {
    await startInOutage(100);
    await clock.advance(250);
    const sent: string[] = [];
    while (spool.acknowledged.length < 100) {
      sent.push(...openKeys());
      await answerAll(accepted);
      await clock.advance(200);
    }
    expect(sent).toEqual(Array.from({ length: 100 }, (_, index) => `key-${index + 1}`));
    expect(told.filter((each) => each.startsWith('retried')).length).toBe(CONCURRENCY);
  });

  it('begins with one request after an outage, and doubles step by step', async () => {
    await startInOutage(2_000);
    await clock.advance(250);
    await answerAll(accepted);
    const steps: number[] = [];
    for (let step = 0; step < 5; step += 1) {
      steps.push(wire.open.length);
      await answerAll(accepted);
      await clock.advance(200);
    }
    expect(steps).toEqual([1, 2, 4, 8, 8]);
  });

  it('lets repetitions be a tenth of the first attempts, and one a second', async () => {
    spool.fill(4_000);
    drain.wake();
    await settle();
    let attempts = 0;
    for (let turn = 0; turn < 300; turn += 1) {
      const answers = wire.open.splice(0);
      attempts += answers.length;
      // Every third fails: no five in a row, and less than half.
      for (const [index, { answer }] of answers.entries()) {
        answer(index % 3 === 1 ? retryable() : accepted);
      }
      await settle();
      await clock.advance(1);
    }
    const repeated = told.filter((each) => each.startsWith('retried')).length;
    expect(repeated).toBeGreaterThan(0);
    expect(repeated).toBeLessThanOrEqual(attempts * 0.1 + 2);
  });

  it('puts a refused event into quarantine, with the redacted reason, and goes on', async () => {
    await start(2);
    wire.open[0]?.answer({
      ...rejected,
      kind: 'rejected',
      failure: { detail: 'HTTP 422', status: 422 },
      reason: 'no ana@example.com',
    });
    wire.open[1]?.answer(accepted);
    await settle();
    expect(spool.inQuarantine).toMatchObject([{ status: 422, reason: 'no [email]' }]);
    expect([...told].sort()).toEqual(['delivered 2', 'quarantined 1']);
  });

  it('keeps a refused event that quarantine cannot take, and tries again', async () => {
    spool.quarantineWorks = false;
    await start(1);
    await answerAll(rejected);
    expect(spool.acknowledged).toEqual([]);
    spool.quarantineWorks = true;
    await clock.advance(5_000);
    await answerAll(rejected);
    expect(spool.acknowledged).toEqual([1]);
  });

  it('repeats a conflict once, then takes it for a refusal', async () => {
    await start(1);
    await answerAll(conflict);
    await clock.advance(60_000);
    await answerAll(conflict);
    expect(spool.inQuarantine).toMatchObject([{ status: 409 }]);
  });

  it('is silent after 429, and sends everything after resume', async () => {
    await start(20);
    await answerAll(quota());
    await clock.advance(3_000_000);
    expect(openKeys()).toEqual([]);
    expect(told.filter((each) => each === 'parked quota')).toHaveLength(CONCURRENCY);
    halting.resume();
    drain.wake();
    drain.hurry();
    for (let turn = 0; turn < 30; turn += 1) {
      await clock.advance(200);
      await answerAll(accepted);
    }
    expect([...spool.acknowledged].sort((a, b) => a - b)).toHaveLength(20);
    expect(new Set(spool.acknowledged).size).toBe(20);
  });

  it('probes a refused key after 30 s with one event, and asks for the key again', async () => {
    await start(20);
    await answerAll(misconfigured);
    await clock.advance(29_999);
    expect(openKeys()).toEqual([]);
    await clock.advance(1);
    expect(openKeys()).toHaveLength(1);
    await answerAll(misconfigured);
    await clock.advance(59_999);
    expect(openKeys()).toEqual([]);
    await clock.advance(1);
    expect(openKeys()).toHaveLength(1);
    expect(told).toContain('key asked for again');
  });

  it('is not held up by an event that the ledger can never digest', async () => {
    await start(1);
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await answerAll(retryable());
      await clock.advance(60_000);
    }
    await start(10);
    for (let turn = 0; turn < 60; turn += 1) {
      for (const { request, answer } of wire.open.splice(0)) {
        answer(request.idempotencyKey === 'key-1' ? retryable() : accepted);
      }
      await clock.advance(60_000);
    }
    expect(spool.acknowledged).toHaveLength(10);
    expect(spool.acknowledged).not.toContain(1);
  });

  it('is idle when everything is delivered, or when nothing can be sent for now', async () => {
    await start(3);
    let idle = false;
    void drain.idle().then(() => {
      idle = true;
    });
    await settle();
    expect(idle).toBe(false);
    await answerAll(accepted);
    expect(idle).toBe(true);
    await startInOutage(10);
    await drain.idle();
    expect(traffic.breaker).toBe('open');
  });

  it('tries at once when it is hurried', async () => {
    await startInOutage(10);
    drain.hurry();
    expect(openKeys()).toEqual(['key-1']);
  });

  it('begins nothing more once it is stopped', async () => {
    await start(20);
    const stopped = drain.stop();
    await answerAll(accepted);
    await stopped;
    expect(openKeys()).toEqual([]);
    expect(spool.acknowledged).toHaveLength(CONCURRENCY);
  });
});

function taken(budget: RetryBudget, now: number): number {
  let count = 0;
  while (budget.take(now)) count += 1;
  return count;
}

describe('the retry budget', () => {
  it('gives one repetition per second to a service that sends nothing', () => {
    const budget = new RetryBudget(0);
    expect(taken(budget, 0)).toBe(1);
    expect(budget.waitMs(0)).toBe(1_000);
    expect(taken(budget, 500)).toBe(0);
    expect(budget.waitMs(500)).toBe(500);
    expect(taken(budget, 3_000)).toBe(3);
  });

  it('gives one repetition for ten first attempts', () => {
    const budget = new RetryBudget(0);
    taken(budget, 0);
    for (let attempt = 0; attempt < 501; attempt += 1) budget.attempted();
    expect(taken(budget, 0)).toBe(50);
  });

  it('saves up a hundred at most', () => {
    const budget = new RetryBudget(0);
    for (let attempt = 0; attempt < 10_000; attempt += 1) budget.attempted();
    expect(taken(budget, 1_000_000)).toBe(100);
  });
});
