import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PendingEvent } from '../../src/delivery/delivery.ts';
import { Drain } from '../../src/delivery/drain.ts';
import type { HaltingTransport } from '../../src/delivery/halt.ts';
import { withHalt } from '../../src/delivery/halt.ts';
import { withRetry } from '../../src/delivery/retry.ts';
import { OwnSendScope } from '../../src/delivery/send-scope.ts';
import { Traffic } from '../../src/delivery/traffic.ts';
import { Turns } from '../../src/delivery/turns.ts';
import type { Outcome } from '../../src/outcome.ts';
import type { Answer } from '../support/content-ledger.ts';
import { ANSWERS, TIMEOUT_MS, contentLedger } from '../support/content-ledger.ts';
import { fakeSpool } from '../support/fake-spool.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { manualClock } from '../support/manual-clock.ts';
import { wireRequest } from '../support/requests.ts';
import { sendContext } from '../support/send-context.ts';
import { rememberedDiagnostics } from '../support/silent-diagnostics.ts';

const POLICY = { maxRetries: 5, initialDelayMs: 500, maxDelayMs: 60_000 };
const DEADLINE_MS = 25_000;
const HOUR = 3_600_000;
const RUNS = { numRuns: 40 };

/** What comes to a client: events by what the ledger answers to them, in the order they come. */
interface Arrivals {
  readonly answers: readonly Answer[];
  /** Before this one nothing comes for 15 s. */
  readonly quietBefore: number;
  readonly concurrency: number;
  readonly seed: number;
}

/** Numbers that look like chance, the same in each run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function inOrder(
  bad: readonly Answer[],
  good: number,
  { order, seed }: { readonly order: string; readonly seed: number },
): readonly Answer[] {
  const goods = Array.from({ length: good }, (): Answer => 'good');
  if (order === 'bad first') return [...bad, ...goods];
  if (order === 'good first') return [...goods, ...bad];
  const random = chance(seed);
  return [...bad, ...goods]
    .map((answer) => ({ answer, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ answer }) => answer);
}

/**
 * @param bad - makes so many bad ones
 * @param most - how many there may be
 */
function arrivals(
  bad: (count: number) => fc.Arbitrary<readonly Answer[]>,
  most = 300,
): fc.Arbitrary<Arrivals> {
  return fc
    .record({
      bad: fc.constantFrom(1, 2, 5, most).chain(bad),
      good: fc.integer({ min: 30, max: 120 }),
      order: fc.constantFrom('bad first', 'good first', 'mixed'),
      quiet: fc.boolean(),
      concurrency: fc.constantFrom(2, 8, 32),
      seed: fc.nat(),
    })
    .map(({ bad: bads, good, order, quiet, concurrency, seed }) => {
      const answers = inOrder(bads, good, { order, seed });
      const quietBefore = quiet ? (order === 'good first' ? good : bads.length) : 0;
      return { answers, quietBefore, concurrency, seed };
    });
}

const anyBad = (count: number): fc.Arbitrary<readonly Answer[]> =>
  fc.oneof(
    fc
      .constantFrom(...ANSWERS.slice(1))
      .map((answer) => Array.from({ length: count }, () => answer)),
    fc.array(fc.constantFrom(...ANSWERS.slice(1)), { minLength: count, maxLength: count }),
  );

function haltOver(clock: ManualClock, answerTo: (key: string) => Answer): HaltingTransport {
  return withHalt(contentLedger(clock, answerTo), {
    clock,
    quotaProbeMs: 3_600_000,
    diagnostics: rememberedDiagnostics(),
    onMisconfigured: () => {},
  });
}

/** What became of a client's events without a spool. */
interface FromMemory {
  /** How each ended, in the order they came. */
  readonly outcomes: readonly (Outcome | undefined)[];
  /** Most different events that were refused in a row. */
  readonly refusedInARow: number;
}

/** The good ones that did not get into the ledger. */
function lostOf(
  outcomes: FromMemory['outcomes'],
  { answers }: Arrivals,
): readonly (Outcome | undefined)[] {
  const good = outcomes.filter((_, index) => answers[index] === 'good');
  return good.filter((outcome) => outcome?.kind !== 'accepted');
}

async function sentFromMemory(given: Arrivals): Promise<FromMemory> {
  const clock = manualClock();
  const random = chance(given.seed);
  const answers = new Map<string, Answer>();
  const refused = new Set<string>();
  let refusedInARow = 0;
  const halting = haltOver(clock, (key) => {
    const answer = answers.get(key) ?? 'good';
    if (answer === 'good') refused.clear();
    else refused.add(key);
    refusedInARow = Math.max(refusedInARow, refused.size);
    return answer;
  });
  const timeoutMs = TIMEOUT_MS;
  const turns = new Turns({ clock, random, limit: given.concurrency, timeoutMs, halting });
  const acceptances = (): number => halting.acceptances();
  const retrying = withRetry(halting, POLICY, { clock, random, timeoutMs, turns, acceptances });
  const transport = turns.over(retrying);
  const outcomes: (Outcome | undefined)[] = given.answers.map(() => undefined);
  for (const [index, answer] of given.answers.entries()) {
    if (index > 0 && index === given.quietBefore) await clock.advance(15_000);
    const request = wireRequest();
    answers.set(request.idempotencyKey, answer);
    const context = sendContext(clock.now() + DEADLINE_MS);
    transport.send(
      new PendingEvent(request, context, (outcome) => {
        expect(outcomes[index]).toBeUndefined();
        outcomes[index] = outcome;
      }),
    );
  }
  await clock.advance(DEADLINE_MS + 2 * TIMEOUT_MS);
  return { outcomes, refusedInARow };
}

/** Lets a drain deliver all good events; gives what went into quarantine meanwhile. */
async function drained(
  given: Arrivals,
  withinMs: number,
  gateway: (answer: Answer, now: number) => Answer = (answer) => answer,
): Promise<readonly Answer[]> {
  const clock = manualClock();
  const random = chance(given.seed);
  const spool = fakeSpool();
  const answerOf = (sequence: number): Answer => given.answers[sequence - 1] ?? 'good';
  const halting = haltOver(clock, (key) =>
    gateway(answerOf(Number(key.slice('key-'.length))), clock.now()),
  );
  const diagnostics = rememberedDiagnostics();
  const { concurrency } = given;
  const good = given.answers.filter((answer) => answer === 'good').length;
  let delivered = 0;
  const quarantined: Answer[] = [];
  const traffic = new Traffic({ clock, random, policy: POLICY, concurrency, diagnostics, halting });
  const drain = new Drain({
    spool,
    transport: halting,
    concurrency,
    traffic,
    policy: POLICY,
    clock,
    random,
    scope: new OwnSendScope('background'),
    awaited: () => false,
    wantsReceipts: () => false,
    redactText: (text) => text,
    events: {
      delivered: () => (delivered += 1),
      quarantined: ({ ref }) => quarantined.push(answerOf(ref.sequence)),
      parked: () => {},
      retried: () => {},
    },
  });
  spool.fill(given.quietBefore);
  drain.wake();
  if (given.quietBefore > 0) await clock.advance(15_000);
  spool.fill(given.answers.length - given.quietBefore);
  drain.wake();
  const end = clock.now() + withinMs;
  const isDone = (): boolean => delivered === good || clock.now() >= end;
  while (!isDone()) await clock.advance(1_000);
  expect(delivered).toBe(good);
  return quarantined;
}

describe('answers that depend on what is in an event', () => {
  it('keep no good event from the ledger, held in memory', async () => {
    // As many of each as its deadline leaves room for.
    const few = (count: number): fc.Arbitrary<readonly Answer[]> =>
      fc.oneof(
        fc
          .constantFrom<Answer>('trouble', 'reset', 'rejected')
          .map((answer) => Array.from({ length: count }, () => answer)),
        fc.array(fc.constantFrom(...ANSWERS.slice(1)), {
          minLength: Math.min(count, 5),
          maxLength: Math.min(count, 5),
        }),
      );
    await fc.assert(
      fc.asyncProperty(arrivals(few), async (given) => {
        const { outcomes } = await sentFromMemory(given);
        expect(outcomes).not.toContain(undefined);
        expect(lostOf(outcomes, given)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('lose no good event as refused before more than five different ones were', async () => {
    const refusals = (count: number): fc.Arbitrary<readonly Answer[]> =>
      fc.array(fc.constantFrom<Answer>('forbidden', 'rejected', 'forbidden'), {
        minLength: count,
        maxLength: count,
      });
    await fc.assert(
      // One is tried every 200 ms, so no deadline leaves room for 300.
      fc.asyncProperty(arrivals(refusals, 60), async (given) => {
        const { outcomes, refusedInARow } = await sentFromMemory(given);
        const lost = lostOf(outcomes, given);
        for (const outcome of lost) expect(outcome).toMatchObject({ reason: 'unauthorized' });
        expect(lost.length === 0 || refusedInARow > 5).toBe(true);
      }),
      RUNS,
    );
  });

  it('keep no good event on disk', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals(anyBad), async (given) => {
        // Where nearly all is refused like a wrong key, the ledger is asked every 15 minutes.
        const withinMs = given.answers.includes('forbidden') ? 24 * HOUR : 4 * HOUR;
        const quarantined = await drained(given, withinMs);
        expect(quarantined).not.toContain('good');
      }),
      RUNS,
    );
  });

  it('put no good event into quarantine that a gateway refuses now and then for a minute', async () => {
    const flapping = fc.record({
      count: fc.integer({ min: 1, max: 60 }),
      refuses: fc.constantFrom(0.1, 0.5, 0.9, 1),
      concurrency: fc.constantFrom(2, 32),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(flapping, async ({ count, refuses, concurrency, seed }) => {
        const answers = Array.from({ length: count }, (): Answer => 'good');
        const random = chance(seed);
        const gateway = (answer: Answer, now: number): Answer =>
          now < 60_000 && random() < refuses ? 'forbidden' : answer;
        const given = { answers, quietBefore: 0, concurrency, seed };
        expect(await drained(given, HOUR, gateway)).toEqual([]);
      }),
      RUNS,
    );
  });
});
