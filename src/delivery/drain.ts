import process from 'node:process';
import type { RetryPolicy } from '../config/resolve.ts';
import type { AttemptOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { RecordRef, Spool, SpooledRecord } from '../spool/spool.ts';
import { backoffMs, clampRetryAfter } from './answer.ts';
import type { SendContext, Transport } from './delivery.ts';
import type { OwnSendScope } from './send-scope.ts';
import type { Traffic } from './traffic.ts';

/** Repetitions that one first attempt pays for. */
const PER_ATTEMPT = 0.1;
/** Repetitions per second that are free, so that a quiet service repeats too. */
const PER_SECOND = 1;
/** Most repetitions that can be saved up. */
const CAPACITY = 100;

/** Bounds repetitions over all events of a client: an outage must not double its own load. */
export interface RetryBudget {
  /** A first attempt was made. */
  attempted(): void;
  /** Takes the right to one repetition; `false` when there is none now. */
  take(now: number): boolean;
  /** Milliseconds until there is one. */
  waitMs(now: number): number;
}

/** Makes a budget with a second's worth in it; times are of the monotonic clock, in ms. */
export function createRetryBudget(startedAt: number): RetryBudget {
  let tokens = PER_SECOND;
  let filledAt = startedAt;

  function fill(now: number): void {
    tokens = Math.min(CAPACITY, tokens + ((now - filledAt) / 1_000) * PER_SECOND);
    filledAt = now;
  }

  return {
    attempted() {
      tokens = Math.min(CAPACITY, tokens + PER_ATTEMPT);
    },
    take(now) {
      fill(now);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    waitMs(now) {
      fill(now);
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / PER_SECOND) * 1_000);
    },
  };
}

/** A record in the hands of the drain. */
export interface Claimed {
  readonly record: SpooledRecord;
  /** Place in the order of claiming. */
  readonly order: number;
  /** Attempts that failed in a way that may be repeated. */
  readonly attempts: number;
  /** Of these, conflicts of two requests under one key. */
  readonly conflicts: number;
  /** Its repetition was none of its own making: all traffic was stopped. */
  readonly free: boolean;
  /** When it may be sent (again), on the monotonic clock (ms). */
  readonly readyAt: number;
}

/** Claimed records that are not under way, in order of age. */
export interface DrainQueue {
  add(records: readonly SpooledRecord[]): void;
  putBack(claimed: Claimed): void;
  /** The oldest of the waiting that is due; it stays. */
  nextDue(now: number): Claimed | undefined;
  /** Takes out one of the waiting. */
  take(claimed: Claimed): Claimed;
  /** The oldest that was never sent. */
  nextFresh(): Claimed | undefined;
  /** The oldest of all, ready or not, but for the one to be passed over. */
  nextProbe(passOver: Claimed | undefined): Claimed | undefined;
  /** When the next of the waiting is due; `undefined` when none waits. */
  nextDueAt(): number | undefined;
  /** What waits may be repeated at once. */
  hurry(now: number): void;
  /** As `hurry`, and none of it counts as a repetition: the ledger is back. */
  release(now: number): void;
  readonly fresh: number;
  readonly waiting: number;
}

/** Makes an empty queue. */
export function createDrainQueue(): DrainQueue {
  let fresh: Claimed[] = [];
  let head = 0;
  let waiting: Claimed[] = [];
  let claimed = 0;

  function takeFresh(): Claimed | undefined {
    const first = fresh[head];
    if (first === undefined) return undefined;
    head += 1;
    if (head === fresh.length) {
      fresh = [];
      head = 0;
    }
    return first;
  }

  function takeWaiting(index: number): Claimed | undefined {
    return index < 0 ? undefined : waiting.splice(index, 1)[0];
  }

  return {
    add(records) {
      const added = records.map((record) => {
        claimed += 1;
        return { record, order: claimed, attempts: 0, conflicts: 0, free: true, readyAt: 0 };
      });
      fresh = head === fresh.length ? added : [...fresh.slice(head), ...added];
      head = 0;
    },
    putBack(back) {
      const after = waiting.findIndex(({ order }) => order > back.order);
      waiting.splice(after < 0 ? waiting.length : after, 0, back);
    },
    nextDue: (now) => waiting.find(({ readyAt }) => readyAt <= now),
    take(claimed) {
      waiting = waiting.filter((other) => other !== claimed);
      return claimed;
    },
    nextFresh: takeFresh,
    nextProbe(passOver) {
      const other = waiting.findIndex(({ order }) => order !== passOver?.order);
      if (other >= 0) return takeWaiting(other);
      return takeFresh() ?? takeWaiting(waiting.length - 1);
    },
    nextDueAt() {
      let earliest: number | undefined;
      for (const { readyAt } of waiting) {
        if (earliest === undefined || readyAt < earliest) earliest = readyAt;
      }
      return earliest;
    },
    hurry(now) {
      waiting = waiting.map((each) => ({ ...each, readyAt: Math.min(each.readyAt, now) }));
    },
    release(now) {
      waiting = waiting.map((each) => ({ ...each, free: true, readyAt: now }));
    },
    get fresh() {
      return fresh.length - head;
    },
    get waiting() {
      return waiting.length;
    },
  };
}

/** Probes that may fail with one record before another one gets a chance. */
const SAME_RECORD = 3;

/**
 * Chooses what to probe with: the oldest record, as order demands; but not for ever the same one.
 * An event that the ledger can never digest would otherwise keep all others from being tried.
 */
export interface ProbeChoice {
  /** The record to leave out this time, if any. */
  passOver(): Claimed | undefined;
  ended(claimed: Claimed, outcome: AttemptOutcome): void;
}

/** Makes one that has seen no probe. */
export function createProbeChoice(): ProbeChoice {
  let last: Claimed | undefined;
  let failures = 0;
  return {
    passOver: () => (failures >= SAME_RECORD ? last : undefined),
    ended(claimed, outcome) {
      const failed = outcome.kind === 'retryable';
      failures = failed && claimed.order === last?.order ? failures + 1 : 1;
      last = failed ? claimed : undefined;
    },
  };
}

/** Wait before an event that could not be put into quarantine is tried again, ms. */
const QUARANTINE_RETRY_MS = 5_000;

type Attempt<K extends AttemptOutcome['kind']> = Extract<AttemptOutcome, { kind: K }>;

/** What the drain tells of its records. */
export interface DrainEvents {
  delivered(record: SpooledRecord, outcome: Attempt<'accepted'>): void;
  quarantined(record: SpooledRecord, outcome: Attempt<'rejected'>): void;
  /** The ledger refuses all traffic; the records stay. */
  parked(outcome: Attempt<'quota' | 'misconfigured'>): void;
  retried(ref: RecordRef): void;
}

/** What settling needs. */
export interface SettleDeps {
  readonly spool: Spool;
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Takes personal data out of the words of the ledger. */
  readonly redactText: (text: string) => string;
  readonly events: DrainEvents;
  /** The record is to be sent again after so many ms. */
  readonly putBack: (claimed: Claimed, waitMs: number) => void;
}

/**
 * Makes the function that does with a record what the outcome of its attempt asks for; it gives a
 * promise where that takes time.
 */
export function createSettle(
  deps: SettleDeps,
): (claimed: Claimed, outcome: AttemptOutcome) => Promise<void> | undefined {
  const { spool, policy, random, events, putBack } = deps;

  async function refused(claimed: Claimed, outcome: Attempt<'rejected'>): Promise<void> {
    const { record } = claimed;
    const reason = outcome.reason === undefined ? undefined : deps.redactText(outcome.reason);
    const { status } = outcome.failure;
    if (await spool.quarantine({ record, status, reason })) events.quarantined(record, outcome);
    else putBack(claimed, QUARANTINE_RETRY_MS);
  }

  function repeatLater(claimed: Claimed, { once, retryAfterMs }: Attempt<'retryable'>): void {
    const again = {
      ...claimed,
      free: false,
      attempts: claimed.attempts + 1,
      conflicts: claimed.conflicts + (once ? 1 : 0),
    };
    const waitMs = backoffMs(policy, claimed.attempts, random());
    putBack(again, Math.max(waitMs, clampRetryAfter(retryAfterMs ?? 0)));
  }

  return (claimed, outcome) => {
    switch (outcome.kind) {
      case 'accepted':
        spool.acknowledge(claimed.record.ref);
        events.delivered(claimed.record, outcome);
        return undefined;
      case 'rejected':
        return refused(claimed, outcome);
      case 'retryable':
        if (outcome.once && claimed.conflicts > 0) {
          return refused(claimed, { kind: 'rejected', failure: outcome.failure });
        }
        repeatLater(claimed, outcome);
        return undefined;
      case 'quota':
      case 'misconfigured':
        putBack(claimed, 0);
        events.parked(outcome);
        return undefined;
      case 'dropped':
        putBack(claimed, 0);
        return undefined;
    }
  };
}

/** Records claimed from the spool at once; what the drain holds in memory is a few times that. */
const CLAIM = 256;
/** Above so many records that wait to be repeated, no new ones are begun. */
const MOST_WAITING = 256;
/** What a drain is made from. */
export interface DrainDeps extends Omit<SettleDeps, 'putBack'> {
  /** One attempt, with its time limit; no repetition. */
  readonly transport: Transport;
  readonly traffic: Traffic;
  readonly scope: OwnSendScope;
  /** Whether anybody reads the receipts. */
  readonly wantsReceipts: () => boolean;
  /** Whether somebody awaits an outcome, so that its timers keep the process alive. */
  readonly awaited: () => boolean;
}

/** Sends what is in the spool, oldest first, for as long as it takes. */
export interface Drain {
  /** There may be something to do: a new record, traffic released, time to hurry. */
  wake(): void;
  /** Ends the waits: each waiting record, or one probe in an outage, is tried at once. */
  hurry(): void;
  /** Requests under way. */
  underWay(): number;
  /** Resolves when nothing is left to send, or nothing can be sent for now. */
  idle(): Promise<void>;
  /** Begins nothing more. Resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/**
 * Makes a drain.
 *
 * - The number of attempts never decides what becomes of a record: only the ledger does.
 * - A record the ledger refused for good is acknowledged only once it is in quarantine.
 * - A record refused with all traffic (quota, credentials) goes out again when that is released.
 */
export function createDrain(deps: DrainDeps): Drain {
  const { spool, transport, traffic, clock, scope, events } = deps;
  const queue = createDrainQueue();
  const settle = createSettle({
    ...deps,
    putBack(claimed, waitMs) {
      queue.putBack({ ...claimed, readyAt: clock.now() + waitMs });
    },
  });
  const context: SendContext = {
    sourceId: 0,
    deadline: Infinity,
    scope,
    awaited: false,
    get wantsReceipt() {
      return deps.wantsReceipts();
    },
    onRetry: () => {},
  };
  const budget = createRetryBudget(clock.now());
  let underWay = 0;
  let claiming = false;
  let pumpComes = false;
  let more = true;
  let stopped = false;
  const probes = createProbeChoice();
  let cancelTimer = (): void => {};
  let resting: (() => void)[] = [];

  function rest(): void {
    if (underWay > 0 || claiming) return;
    const told = resting;
    resting = [];
    for (const each of told) each();
  }

  function wakeIn(ms: number): void {
    cancelTimer();
    const hold = deps.awaited() ? 'process' : 'background';
    cancelTimer = clock.after({ ms, hold, run: pump });
  }

  async function refill(): Promise<void> {
    claiming = true;
    more = false;
    const records = await spool.claim(CLAIM);
    claiming = false;
    if (records.length > 0) {
      more = true;
      queue.add(records);
    }
    pump();
  }

  function send(claimed: Claimed, probe: boolean): void {
    const { record, attempts } = claimed;
    const { ref, idempotencyKey, requestId, body } = record;
    underWay += 1;
    if (attempts === 0) budget.attempted();
    else events.retried(ref);
    if (probe) traffic.probing();
    const request = { idempotencyKey, requestId, body, bytes: body.byteLength };
    transport.send(request, context, (outcome) => {
      const back = traffic.ended(outcome);
      if (probe) probes.ended(claimed, outcome);
      const settling = settle(claimed, outcome);
      if (settling === undefined) ended(back);
      else void settling.then(() => ended(back));
    });
  }

  function ended(back: boolean): void {
    if (back) queue.release(clock.now());
    underWay -= 1;
    pumpSoon();
  }

  /** What ends together counts together, before anything else begins. */
  function pumpSoon(): void {
    if (pumpComes) return;
    pumpComes = true;
    process.nextTick(() => {
      pumpComes = false;
      pump();
    });
  }

  /** The next record to send; else when one will be due. */
  function next(): Claimed | { readonly waitMs: number | undefined } {
    const now = clock.now();
    const due = queue.nextDue(now);
    if (due !== undefined && (due.free || budget.take(now))) return queue.take(due);
    const fresh = queue.waiting < MOST_WAITING ? queue.nextFresh() : undefined;
    if (fresh !== undefined) return fresh;
    if (due !== undefined) return { waitMs: budget.waitMs(now) };
    const dueAt = queue.nextDueAt();
    return { waitMs: dueAt === undefined ? undefined : dueAt - now };
  }

  /** Begins one more request, if one may begin and there is one; whether it did. */
  function begin(): boolean {
    const admission = traffic.admission(underWay);
    if (admission.kind === 'wait') {
      if (admission.ms !== undefined) wakeIn(admission.ms);
      return false;
    }
    const probe = admission.kind === 'probe';
    const found = probe ? queue.nextProbe(probes.passOver()) : next();
    if (found === undefined) return false;
    if ('waitMs' in found) {
      if (found.waitMs !== undefined) wakeIn(found.waitMs);
      return false;
    }
    send(found, probe);
    return true;
  }

  function pump(): void {
    if (stopped) {
      rest();
      return;
    }
    cancelTimer();
    while (begin());
    if (more && !claiming && queue.fresh < CLAIM / 2) void refill();
    rest();
  }

  return {
    wake() {
      more = true;
      if (!claiming && queue.fresh === 0) pump();
    },
    hurry() {
      queue.hurry(clock.now());
      traffic.hurry();
      pump();
    },
    underWay: () => underWay,
    idle: () =>
      new Promise((resolve) => {
        resting.push(resolve);
        pump();
      }),
    stop() {
      stopped = true;
      cancelTimer();
      return new Promise((resolve) => {
        resting.push(resolve);
        rest();
      });
    },
  };
}
