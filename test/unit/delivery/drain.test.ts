import { beforeEach, describe, expect, it } from 'vitest';
import { Drain } from '../../../src/delivery/drain.ts';
import type { HaltingTransport } from '../../../src/delivery/halt.ts';
import { withHalt } from '../../../src/delivery/halt.ts';
import { OwnSendScope } from '../../../src/delivery/send-scope.ts';
import { Traffic } from '../../../src/delivery/traffic.ts';
import type { AttemptOutcome } from '../../../src/outcome.ts';
import type { FakeSpool } from '../../support/fake-spool.ts';
import { fakeSpool } from '../../support/fake-spool.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock, settle } from '../../support/manual-clock.ts';
import { wireRequest } from '../../support/requests.ts';
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
import { sendContext } from '../../support/send-context.ts';
import { sent } from '../../support/sent.ts';
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
  proveKey();
  const random = (): number => 0.5;
  traffic = new Traffic({
    clock,
    random,
    policy,
    concurrency: CONCURRENCY,
    diagnostics,
    halting,
  });
  drain = new Drain({
    spool,
    transport: halting,
    concurrency: CONCURRENCY,
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
      parked: (_, { kind }) => told.push(`parked ${kind}`),
      retried: ({ sequence }) => told.push(`retried ${sequence}`),
    },
  });
});

const openKeys = (): readonly string[] => wire.open.map(({ request }) => request.idempotencyKey);

/** The ledger has answered before: the whole window is open. */
function proveKey(): void {
  void sent(halting, wireRequest(), sendContext(25_000));
  wire.open.pop()?.answer(rejected);
}

async function answerAll(outcome: AttemptOutcome): Promise<void> {
  for (const { answer } of wire.open.splice(0)) answer(outcome);
  await settle();
}

async function answerByContent(outcomeOf: (key: string) => AttemptOutcome): Promise<void> {
  for (const { request, answer } of wire.open.splice(0)) answer(outcomeOf(request.idempotencyKey));
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
    expect(probes).toBeGreaterThan(5);
    expect(probes).toBeLessThan(15);
  });

  it('probes with records that were never tried, then with those that were tried least', async () => {
    await startInOutage(12);
    const probed: string[] = [];
    for (let probe = 0; probe < 12; probe += 1) {
      await clock.advance(60_000);
      probed.push(...openKeys());
      await answerAll(retryable());
    }
    const untried = ['key-9', 'key-10', 'key-11', 'key-12'];
    expect(probed.slice(0, 4).sort()).toEqual(untried.sort());
    expect(new Set(probed).size).toBe(12);
  });

  it('probes with what has just come, where all that was there is bad', async () => {
    await start(300);
    await answerAll(misconfigured);
    await start(1);
    await clock.advance(30_000);
    expect(openKeys()).toEqual(['key-301']);
  });

  it('sends first, after an outage, what failed in it', async () => {
    await startInOutage(100);
    await clock.advance(250);
    while (spool.acknowledged.length < 100) {
      await answerAll(accepted);
      await clock.advance(200);
    }
    const [probe, ...others] = spool.acknowledged;
    expect(probe).toBe(100);
    expect(others).toEqual(Array.from({ length: 99 }, (_, index) => index + 1));
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

  it('keeps the verdict on an event that quarantine cannot take, and repeats the write alone', async () => {
    spool.quarantineWorks = false;
    await start(300);
    for (let turn = 0; turn < 40; turn += 1) await answerAll(rejected);
    await clock.advance(60_000);
    expect(openKeys()).toEqual([]);
    expect(spool.acknowledged).toEqual([]);
    await start(1);
    expect(openKeys()).toEqual(['key-301']);
    await answerAll(accepted);
    expect(spool.acknowledged).toEqual([301]);
    spool.quarantineWorks = true;
    await clock.advance(5_000);
    expect(spool.inQuarantine).toHaveLength(300);
    expect(spool.acknowledged).toHaveLength(301);
    expect(wire.open).toEqual([]);
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

  it('tries a refused key with few events, and asks for the key again', async () => {
    await start(3);
    let requests = 0;
    for (let tenth = 0; tenth < 300; tenth += 1) {
      requests += wire.open.length;
      await answerAll(misconfigured);
      if (tenth === 0) await start(20);
      await clock.advance(100);
    }
    expect(requests).toBeLessThanOrEqual(8);
    expect(told).toContain('key asked for again');
    expect(spool.acknowledged).toEqual([]);
  });

  it.each([
    ['403', misconfigured],
    ['500', retryable()],
  ])('sends all others while one event is answered %s for ever', async (_what, bad) => {
    await start(1);
    await answerAll(bad);
    await start(100);
    for (let turn = 0; turn < 60; turn += 1) {
      await answerByContent((key) => (key === 'key-1' ? bad : accepted));
      await clock.advance(1_000);
    }
    expect(spool.acknowledged).toHaveLength(100);
    expect(spool.acknowledged).not.toContain(1);
  });

  it('rejects what is refused three times while others are accepted in between', async () => {
    await start(1);
    await answerAll(misconfigured);
    for (let minute = 0; minute < 3; minute += 1) {
      await start(1);
      await clock.advance(200);
      await answerByContent((key) => (key === 'key-1' ? misconfigured : accepted));
      await clock.advance(60_000);
      await answerByContent((key) => (key === 'key-1' ? misconfigured : accepted));
    }
    expect(spool.inQuarantine).toMatchObject([{ status: 401 }]);
  });

  it('rejects nothing while nothing is accepted in between', async () => {
    await start(2);
    for (let minute = 0; minute < 60; minute += 1) {
      await answerAll(misconfigured);
      await clock.advance(900_000);
    }
    expect(spool.inQuarantine).toEqual([]);
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
    expect(openKeys()).toHaveLength(1);
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
