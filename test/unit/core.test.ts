import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';
import type { ClientOptions } from '../../src/config/options.ts';
import { resolveClientConfig } from '../../src/config/resolve.ts';
import { ClientCore } from '../../src/core.ts';
import type { Outcome } from '../../src/outcome.ts';
import type { AuditEvent } from '../../src/record/event.ts';
import { systemIds } from '../../src/runtime/process.ts';
import { expectBalance } from '../support/balance.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { manualClock, settle } from '../support/manual-clock.ts';
import { rememberedDiagnostics } from '../support/silent-diagnostics.ts';
import { TEST_KEY } from '../support/test-client.ts';

/** Does what a ledger would do to one request. */
type Ledger = (handler: Dispatcher.DispatchHandler) => void;

const controller: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort() {},
  pause() {},
  resume() {},
};

const hangs: Ledger = (handler) => {
  handler.onRequestStart?.(controller, {});
};

const isReset: Ledger = (handler) => {
  handler.onRequestStart?.(controller, {});
  handler.onResponseError?.(controller, Object.assign(new Error('x'), { code: 'ECONNRESET' }));
};

function answers(status: number): Ledger {
  return (handler) => {
    handler.onRequestStart?.(controller, {});
    handler.onResponseStart?.(controller, status, {}, '');
    handler.onResponseEnd?.(controller, {});
  };
}

const LEDGERS: readonly (readonly [string, Ledger])[] = [
  ['hangs', hangs],
  ['answers 503', answers(503)],
  ['cuts connections', isReset],
];

interface Setup {
  readonly core: ClientCore;
  readonly clock: ManualClock;
  readonly outcomes: Outcome[];
  readonly requests: () => number;
  /** What the ledger does from now on. */
  readonly behave: (ledger: Ledger) => void;
  readonly submit: (count: number) => void;
}

/** A core in front of a ledger that is a function, on a clock that is moved by hand. */
function setup(behaviour: Ledger, options: ClientOptions = {}): Setup {
  let ledger = behaviour;
  let requests = 0;
  const dispatch: Dispatcher['dispatch'] = (_options, handler) => {
    requests += 1;
    ledger(handler);
    return true;
  };
  const given: ClientOptions = {
    apiKey: TEST_KEY,
    url: 'http://127.0.0.1:9',
    dispatcher: { dispatch } as Dispatcher,
    retry: { maxRetries: 10_000, initialDelayMs: 100 },
    ...options,
  };
  const config = resolveClientConfig(given, readEnvironment({}), systemIds);
  const clock = manualClock();
  const diagnostics = rememberedDiagnostics();
  const core = new ClientCore(config, { clock, ids: systemIds, diagnostics, env: {} });
  const outcomes: Outcome[] = [];
  return {
    core,
    clock,
    outcomes,
    requests: () => requests,
    behave(next) {
      ledger = next;
    },
    submit(count) {
      const { scope } = core;
      for (let index = 0; index < count; index += 1) {
        core.counters.emitted();
        const deadline = clock.now() + config.deadlineMs;
        const context = core.context({ scope, sourceId: 0, awaited: false, deadline });
        core.submit(core.encode(eventOf(index)), context, (outcome) => outcomes.push(outcome));
      }
    },
  };
}

function eventOf(index: number): AuditEvent {
  const idempotencyKey = `key-${index}`;
  const origin = { service: 's', env: 'test', environment: 'test' };
  const meta = { type: 'info', event_name: 'a.b', ...origin, request_id: idempotencyKey } as const;
  return { signal: 'direct', idempotencyKey, meta, payload: { index } };
}

/** Says whether a promise has been kept. */
function watched(work: Promise<unknown>): () => boolean {
  let over = false;
  void work.then(() => {
    over = true;
  });
  return () => over;
}

const reasons = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.kind === 'dropped' ? outcome.reason : outcome.kind));

describe.each(LEDGERS)('a client whose ledger %s', (_name, ledger) => {
  it('has every event settled by its deadline', async () => {
    const { core, clock, outcomes, submit } = setup(ledger, { deadlineMs: 1_000, concurrency: 4 });
    submit(40);
    await clock.advance(1_000);
    expect(reasons(outcomes)).toEqual(Array.from({ length: 40 }, () => 'deadline'));
    expectBalance(core.stats());
  });

  it('closes within its time, and loses what is left as shutdown', async () => {
    const times = { deadlineMs: 3_600_000, timeoutMs: 3_600_000, shutdownTimeoutMs: 300 };
    const { core, clock, outcomes, submit } = setup(ledger, times);
    submit(40);
    await settle();
    const isClosed = watched(Promise.all([core.close(), core.close()]));
    await clock.advance(300);
    expect(isClosed()).toBe(true);
    expect(reasons(outcomes)).toEqual(Array.from({ length: 40 }, () => 'shutdown'));
    expect(clock.pending()).toBe(0);
    expectBalance(core.stats());
  });

  it('ends a flush by the time that an event has', async () => {
    const { core, clock, submit } = setup(ledger, { deadlineMs: 1_000, timeoutMs: 3_600_000 });
    submit(40);
    const isFlushed = watched(core.flush());
    await clock.advance(1_000);
    expect(isFlushed()).toBe(true);
  });
});

describe('a client', () => {
  it('takes no time to close when nothing is left under way', async () => {
    const { core, clock, outcomes, submit } = setup(answers(202));
    submit(40);
    await core.close();
    expect(reasons(outcomes)).toEqual(Array.from({ length: 40 }, () => 'accepted'));
    expect(clock.now()).toBe(0);
  });

  it('makes one last attempt for what waits for its next when it closes', async () => {
    const { core, outcomes, requests, behave, submit } = setup(answers(503));
    submit(5);
    await settle();
    behave(answers(202));
    await core.close();
    expect(reasons(outcomes)).toEqual(Array.from({ length: 5 }, () => 'accepted'));
    expect(requests()).toBe(10);
  });

  it('cuts waits short when it is flushed', async () => {
    const { core, clock, outcomes, behave, submit } = setup(answers(503));
    submit(5);
    await settle();
    behave(answers(202));
    await core.flush();
    expect(reasons(outcomes)).toEqual(Array.from({ length: 5 }, () => 'accepted'));
    expect(clock.now()).toBe(0);
  });

  it('takes nothing any more once it is closed', async () => {
    const { core, outcomes, requests, submit } = setup(answers(202));
    await core.close();
    submit(2);
    expect(reasons(outcomes)).toEqual(['shutdown', 'shutdown']);
    expect(requests()).toBe(0);
    expect(core.adopt('background').signal.aborted).toBe(true);
    expectBalance(core.stats());
  });

  it('counts for a source on its account and on that of the client', () => {
    const { core } = setup(answers(202));
    core.counters.emitted();
    const lost = core.lose(0, 'encode_failed', 'no event');
    expect(lost).toMatchObject({ reason: 'encode_failed', failure: { detail: 'no event' } });
    expect(core.stats().dropped.encode_failed).toBe(1);
  });
});
