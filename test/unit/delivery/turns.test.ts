import { describe, expect, it } from 'vitest';
import type { Transport } from '../../../src/delivery/delivery.ts';
import { heldBytes } from '../../../src/delivery/delivery.ts';
import { withHalt } from '../../../src/delivery/halt.ts';
import { withRetry } from '../../../src/delivery/retry.ts';
import { FairShare, Turns, withPendingLimit } from '../../../src/delivery/turns.ts';
import type { AttemptOutcome } from '../../../src/outcome.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock, settle } from '../../support/manual-clock.ts';
import { wireRequest } from '../../support/requests.ts';
import {
  accepted,
  manualTransport,
  misconfigured,
  quota,
  retryable,
  scriptedTransport,
} from '../../support/scripted-transport.ts';
import { sendContext } from '../../support/send-context.ts';
import { sent } from '../../support/sent.ts';
import { rememberedDiagnostics } from '../../support/silent-diagnostics.ts';

const policy = { maxRetries: 5, initialDelayMs: 500, maxDelayMs: 60_000 };

/** What holds events in memory, over a transport of the test's own. */
function turnsOver(next: Transport, limit: number) {
  const clock = manualClock();
  const random = (): number => 0.5;
  const halting = withHalt(next, {
    clock,
    quotaProbeMs: 3_600_000,
    diagnostics: rememberedDiagnostics(),
    onMisconfigured: () => {},
  });
  const turns = new Turns({ clock, random, limit, timeoutMs: 5_000, halting });
  const acceptances = (): number => halting.acceptances();
  const retrying = withRetry(halting, policy, {
    clock,
    random,
    timeoutMs: 5_000,
    turns,
    acceptances,
  });
  return { clock, halting, turns: turns.over(retrying) };
}

const untrusted: AttemptOutcome = {
  kind: 'misconfigured',
  failure: { detail: 'CERT_HAS_EXPIRED', status: undefined },
};

describe('turns', () => {
  it('lets no more sends through at once than its limit', async () => {
    const next = manualTransport();
    const limited = turnsOver(next, 2).turns;
    const context = sendContext();
    const all = Array.from({ length: 5 }, () => sent(limited, wireRequest(), context));
    expect(next.open).toHaveLength(2);
    next.open[0]?.answer(accepted);
    await settle();
    expect(next.open).toHaveLength(3);
    for (let index = 1; index < 5; index += 1) {
      next.open[index]?.answer(accepted);
      await settle();
    }
    await expect(Promise.all(all)).resolves.toHaveLength(5);
  });

  it('keeps the order in which the sends came', async () => {
    const next = manualTransport();
    const limited = turnsOver(next, 1).turns;
    const context = sendContext();
    const requests = Array.from({ length: 3_000 }, () => wireRequest());
    const all = requests.map((request) => sent(limited, request, context));
    for (let index = 0; index < requests.length; index += 1) {
      next.open[index]?.answer(accepted);
      await Promise.resolve();
      await settle1();
    }
    await Promise.all(all);
    expect(next.open.map(({ request }) => request)).toEqual(requests);
  });

  it('turns waiting sends away without a request once their scope has ended', async () => {
    const next = manualTransport();
    const limited = turnsOver(next, 1).turns;
    const context = sendContext();
    const first = sent(limited, wireRequest(), context);
    const second = sent(limited, wireRequest(), context);
    context.scope.abort('shutdown');
    next.open[0]?.answer(accepted);
    await expect(first).resolves.toEqual(accepted);
    await expect(second).resolves.toMatchObject({ kind: 'dropped', reason: 'shutdown' });
    expect(next.open).toHaveLength(1);
  });

  it('answers ten thousand waiting sends that end at once, without going deeper for each', async () => {
    const next = manualTransport();
    let refusing = false;
    const refused = scriptedTransport(quota());
    const either: Transport = {
      send(event) {
        (refusing ? refused : next).send(event);
      },
    };
    const limited = turnsOver(either, 1).turns;
    const context = sendContext();
    const all = Array.from({ length: 10_000 }, () => sent(limited, wireRequest(), context));
    refusing = true;
    next.open[0]?.answer(accepted);
    const kinds = (await Promise.all(all)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'quota')).toHaveLength(9_999);
  });
});

/** One turn of the event loop: enough for one answer to start the next send. */
function settle1(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** How so many good events fare behind bad ones, each with 25 s; the ledger answers by content. */
async function goodBehind(bad: readonly AttemptOutcome[], concurrency: number): Promise<string[]> {
  const next = manualTransport();
  const { clock, turns } = turnsOver(next, concurrency);
  const badRequests = bad.map(() => wireRequest());
  const answerOf = new Map(badRequests.map((request, index) => [request, bad[index] ?? accepted]));
  const context = sendContext(25_000);
  for (const request of badRequests) void sent(turns, request, context);
  const good = Array.from({ length: 50 }, () => sent(turns, wireRequest(), context));
  const kinds: string[] = [];
  for (const each of good) void each.then(({ kind }) => kinds.push(kind));
  await answerWhile(clock, next, 30_000, (request) => answerOf.get(request) ?? accepted);
  return kinds;
}

async function answerWhile(
  clock: ManualClock,
  next: ReturnType<typeof manualTransport>,
  ms: number,
  answerOf: (request: ReturnType<typeof wireRequest>) => AttemptOutcome,
): Promise<void> {
  const until = clock.now() + ms;
  while (clock.now() < until) {
    for (const { request, answer } of next.open.splice(0)) answer(answerOf(request));
    await clock.advance(50);
  }
}

describe('turns behind bad events', () => {
  it.each([
    ['one answered 500', [retryable()], 1],
    ['five answered 500', Array.from({ length: 5 }, () => retryable()), 1],
    ['forty answered 500', Array.from({ length: 40 }, () => retryable()), 4],
    ['one answered 403', [misconfigured], 1],
    ['five answered 403', Array.from({ length: 5 }, () => misconfigured), 1],
    ['five answered 403 at once', Array.from({ length: 5 }, () => misconfigured), 32],
    ['both kinds', [misconfigured, retryable(), misconfigured, retryable()], 2],
  ])('loses no good event behind %s', async (_what, bad, concurrency) => {
    await expect(goodBehind(bad, concurrency)).resolves.toEqual(
      Array.from({ length: 50 }, () => 'accepted'),
    );
  });

  it('meets an outage with as many events as may be under way, and a few more', async () => {
    const next = manualTransport();
    const { clock, turns } = turnsOver(next, 8);
    const context = sendContext(25_000);
    for (let event = 0; event < 1_000; event += 1) void sent(turns, wireRequest(), context);
    const tried = new Set<unknown>();
    await answerWhile(clock, next, 5_000, (request) => {
      tried.add(request);
      return retryable();
    });
    // Until five have failed, each gives its place to another.
    expect(tried.size).toBeLessThanOrEqual(8 + 4 + 5_000 / 200);
  });

  it('keeps events under a wrong configuration until their deadline, and counts them so', async () => {
    const next = manualTransport();
    const { clock, turns } = turnsOver(next, 8);
    const context = sendContext(25_000);
    const all = Array.from({ length: 100 }, () => sent(turns, wireRequest(), context));
    let requests = 0;
    await answerWhile(clock, next, 30_000, () => {
      requests += 1;
      return misconfigured;
    });
    const kinds = (await Promise.all(all)).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['misconfigured']));
    expect(requests).toBeLessThanOrEqual(8 + 2);
    expect(clock.pending()).toBe(0);
  });

  it('ends at once, when it closes, what waits under a wrong configuration', async () => {
    const { clock, turns } = turnsOver(scriptedTransport(untrusted), 8);
    const context = sendContext(60_000);
    const waiting = sent(turns, wireRequest(), context);
    await settle();
    context.scope.finish();
    await clock.advance(100);
    await expect(waiting).resolves.toEqual(untrusted);
  });

  it('ends at once what has less time than traffic stands, and what came while it stood', async () => {
    const next = scriptedTransport(untrusted);
    const { clock, turns } = turnsOver(next, 8);
    await expect(sent(turns, wireRequest(), sendContext(29_999))).resolves.toEqual(untrusted);
    await expect(sent(turns, wireRequest(), sendContext(29_999))).resolves.toEqual(untrusted);
    expect(clock.now()).toBe(0);
    expect(next.sent).toHaveLength(1);
  });

  it('sends what waited under an untrusted certificate once that is mended', async () => {
    const { clock, turns } = turnsOver(scriptedTransport(untrusted, accepted), 8);
    const waiting = sent(turns, wireRequest(), sendContext(60_000));
    await clock.advance(30_000);
    await expect(waiting).resolves.toEqual(accepted);
  });

  it('gives what waits its time back when the process stood still', async () => {
    const next = manualTransport();
    const { clock, turns } = turnsOver(next, 1);
    const context = sendContext(25_000);
    void sent(turns, wireRequest(), context);
    const waiting = sent(turns, wireRequest(), context);
    clock.standStill(90_000);
    await clock.advance(0);
    next.open[0]?.answer(accepted);
    await settle();
    next.open[1]?.answer(accepted);
    await expect(waiting).resolves.toEqual(accepted);
  });

  it('leaves no timer behind', async () => {
    const next = manualTransport();
    const { clock, turns } = turnsOver(next, 1);
    const all = [1, 2].map(() => sent(turns, wireRequest(), sendContext(25_000)));
    next.open[0]?.answer(accepted);
    await settle();
    next.open[1]?.answer(accepted);
    await Promise.all(all);
    expect(clock.pending()).toBe(0);
  });
});

describe('the share of repetitions', () => {
  it('is a quarter of the window, and one turn in four', () => {
    const share = new FairShare(() => 8);
    share.repeats();
    expect(share.mayRepeat).toBe(false);
    for (let turn = 0; turn < 3; turn += 1) share.other();
    expect(share.mayRepeat).toBe(true);
    share.repeats();
    for (let turn = 0; turn < 9; turn += 1) share.other();
    expect(share.mayRepeat).toBe(false);
    share.repeated();
    expect(share.mayRepeat).toBe(true);
  });
});

describe('withPendingLimit', () => {
  it('turns an event away that would pass the limit, and takes the next once there is room', async () => {
    const next = manualTransport();
    const limited = withPendingLimit(next, heldBytes({ bytes: 60 }) + heldBytes({ bytes: 40 }));
    const context = sendContext();
    const first = sent(limited, wireRequest({ bytes: 60 }), context);
    const second = sent(limited, wireRequest({ bytes: 41 }), context);
    await expect(second).resolves.toMatchObject({ kind: 'dropped', reason: 'queue_full' });
    expect(limited.pendingBytes()).toBe(heldBytes({ bytes: 60 }));
    next.open[0]?.answer(accepted);
    await first;
    expect(limited.pendingBytes()).toBe(0);
    void sent(limited, wireRequest({ bytes: 100 }), context);
    expect(limited.pendingBytes()).toBe(heldBytes({ bytes: 100 }));
  });
});
