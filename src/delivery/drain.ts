import process from 'node:process';
import type { RetryPolicy } from '../config/resolve.ts';
import type { AttemptOf, AttemptOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { RecordRef, Spool, SpooledRecord } from '../spool/spool.ts';
import { retryWaitMs } from './answer.ts';
import type { OnEnd, SendContext, Transport } from './delivery.ts';
import { PendingEvent } from './delivery.ts';
import type { SendScope } from './send-scope.ts';
import type { Traffic } from './traffic.ts';

/** Records claimed from the spool at once; what the drain holds in memory is a few times that. */
const CLAIM = 256;
/** Above so many records that wait to be repeated, no new ones are begun. */
const MOST_WAITING = 256;
/** Wait before an event that could not be put into quarantine is tried again, ms. */
const QUARANTINE_RETRY_MS = 5_000;

/** What the drain tells of its records. */
export interface DrainEvents {
  delivered(record: SpooledRecord, outcome: AttemptOf<'accepted'>): void;
  quarantined(record: SpooledRecord, outcome: AttemptOf<'rejected'>): void;
  /** The ledger refuses all traffic; the records stay. */
  parked(outcome: AttemptOf<'quota' | 'misconfigured'>): void;
  retried(ref: RecordRef): void;
}

/** What a drain is made from. */
export interface DrainDeps {
  readonly spool: Spool;
  /** One attempt, with its time limit; no repetition. */
  readonly transport: Transport;
  readonly traffic: Traffic;
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Takes personal data out of the words of the ledger. */
  readonly redactText: (text: string) => string;
  readonly scope: SendScope;
  /** Whether anybody reads the receipts. */
  readonly wantsReceipts: () => boolean;
  /** Whether somebody awaits an outcome, so that its timers keep the process alive. */
  readonly awaited: () => boolean;
  readonly events: DrainEvents;
}

/**
 * Sends what is in the spool, oldest first, for as long as it takes.
 *
 * - The number of attempts never decides what becomes of a record: only the ledger does.
 * - A record the ledger refused for good is acknowledged only once it is in quarantine.
 * - A record refused with all traffic (quota, credentials) goes out again when that is released.
 */
export class Drain {
  readonly #deps: DrainDeps;
  readonly #context: SendContext;
  readonly #budget: RetryBudget;
  readonly #queue = new DrainQueue();
  readonly #probes = new ProbeChoice();
  readonly #underWay = new Map<PendingEvent, Claimed>();
  #claiming = false;
  #pumpComes = false;
  #more = true;
  #stopped = false;
  #resting: (() => void)[] = [];
  #cancelTimer = (): void => {};

  constructor(deps: DrainDeps) {
    this.#deps = deps;
    this.#budget = new RetryBudget(deps.clock.now());
    this.#context = {
      sourceId: 0,
      deadline: Infinity,
      scope: deps.scope,
      awaited: false,
      get wantsReceipt() {
        return deps.wantsReceipts();
      },
      onRetry: () => {},
    };
  }

  /** There may be something to do: a new record, traffic released, time to hurry. */
  wake(): void {
    this.#more = true;
    if (!this.#claiming && this.#queue.fresh === 0) this.#pump();
  }

  /** Ends the waits: each waiting record, or one probe in an outage, is tried at once. */
  hurry(): void {
    this.#queue.hurry(this.#deps.clock.now());
    this.#deps.traffic.hurry();
    this.#pump();
  }

  /** Resolves when nothing is left to send, or nothing can be sent for now. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#resting.push(resolve);
      this.#pump();
    });
  }

  /** Begins nothing more. Resolves when what is under way has ended. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    return new Promise((resolve) => {
      this.#resting.push(resolve);
      this.#rest();
    });
  }

  #pump(): void {
    if (this.#stopped) {
      this.#rest();
      return;
    }
    this.#cancelTimer();
    while (this.#begin());
    if (this.#more && !this.#claiming && this.#queue.fresh < CLAIM / 2) void this.#refill();
    this.#rest();
  }

  #rest(): void {
    if (this.#underWay.size > 0 || this.#claiming) return;
    const told = this.#resting;
    this.#resting = [];
    for (const each of told) each();
  }

  /** What ends together counts together, before anything else begins. */
  #pumpSoon(): void {
    if (this.#pumpComes) return;
    this.#pumpComes = true;
    process.nextTick(() => {
      this.#pumpComes = false;
      this.#pump();
    });
  }

  #wakeIn(ms: number): void {
    this.#cancelTimer();
    const hold = this.#deps.awaited() ? 'process' : 'background';
    const run = (): void => {
      this.#pump();
    };
    this.#cancelTimer = this.#deps.clock.after({ ms, hold, run });
  }

  async #refill(): Promise<void> {
    this.#claiming = true;
    this.#more = false;
    const records = await this.#deps.spool.claim(CLAIM);
    this.#claiming = false;
    if (records.length > 0) {
      this.#more = true;
      this.#queue.add(records, this.#context);
    }
    this.#pump();
  }

  /** Begins one more request, if one may begin and there is one; whether it did. */
  #begin(): boolean {
    const admission = this.#deps.traffic.admission(this.#underWay.size);
    if (admission.kind === 'wait') {
      if (admission.ms !== undefined) this.#wakeIn(admission.ms);
      return false;
    }
    const probe = admission.kind === 'probe';
    const found = probe ? this.#queue.nextProbe(this.#probes.passOver()) : this.#next();
    if (found === undefined) return false;
    if ('waitMs' in found) {
      if (found.waitMs !== undefined) this.#wakeIn(found.waitMs);
      return false;
    }
    this.#send(found, probe);
    return true;
  }

  /** The next record to send; else when one will be due. */
  #next(): Claimed | { readonly waitMs: number | undefined } {
    const now = this.#deps.clock.now();
    const due = this.#queue.nextDue(now);
    if (due !== undefined && (due.free || this.#budget.take(now))) return this.#queue.take(due);
    const fresh = this.#queue.waiting < MOST_WAITING ? this.#queue.nextFresh() : undefined;
    if (fresh !== undefined) return fresh;
    if (due !== undefined) return { waitMs: this.#budget.waitMs(now) };
    const dueAt = this.#queue.nextDueAt();
    return { waitMs: dueAt === undefined ? undefined : dueAt - now };
  }

  #send(claimed: Claimed, probe: boolean): void {
    const { record, event } = claimed;
    claimed.probe = probe;
    this.#underWay.set(event, claimed);
    if (event.failures === 0) this.#budget.attempted();
    else this.#deps.events.retried(record.ref);
    if (probe) this.#deps.traffic.probing();
    event.onEnd(this.#onEnd);
    this.#deps.transport.send(event);
  }

  readonly #onEnd: OnEnd = (event, outcome) => {
    const claimed = this.#underWay.get(event);
    if (claimed === undefined) return;
    const back = this.#deps.traffic.ended(outcome);
    if (claimed.probe) this.#probes.ended(claimed, outcome);
    const settling = this.#settle(claimed, outcome);
    if (settling === undefined) this.#ended(event, back);
    else void settling.then(() => this.#ended(event, back));
  };

  #ended(event: PendingEvent, back: boolean): void {
    if (back) this.#queue.release(this.#deps.clock.now());
    this.#underWay.delete(event);
    this.#pumpSoon();
  }

  /** Does with a record what its outcome asks for; gives a promise where that takes time. */
  #settle(claimed: Claimed, outcome: AttemptOutcome): Promise<void> | undefined {
    const { record, event } = claimed;
    switch (outcome.kind) {
      case 'accepted':
        this.#deps.spool.acknowledge(record.ref);
        this.#deps.events.delivered(record, outcome);
        return undefined;
      case 'rejected':
        return this.#refused(claimed, outcome);
      case 'retryable':
        if (event.failed(outcome)) this.#repeatLater(claimed, outcome);
        else return this.#refused(claimed, { kind: 'rejected', failure: outcome.failure });
        return undefined;
      case 'quota':
      case 'misconfigured':
        this.#putBack(claimed, 0);
        this.#deps.events.parked(outcome);
        return undefined;
      case 'dropped':
        this.#putBack(claimed, 0);
        return undefined;
    }
  }

  async #refused(claimed: Claimed, outcome: AttemptOf<'rejected'>): Promise<void> {
    const { spool, redactText, events } = this.#deps;
    const { record } = claimed;
    const reason = outcome.reason === undefined ? undefined : redactText(outcome.reason);
    const { status } = outcome.failure;
    if (await spool.quarantine({ record, status, reason })) events.quarantined(record, outcome);
    else this.#putBack(claimed, QUARANTINE_RETRY_MS);
  }

  #repeatLater(claimed: Claimed, { retryAfterMs }: AttemptOf<'retryable'>): void {
    const { policy, random } = this.#deps;
    claimed.free = false;
    this.#putBack(claimed, retryWaitMs(policy, claimed.event.failures, random(), retryAfterMs));
  }

  #putBack(claimed: Claimed, waitMs: number): void {
    this.#queue.putBack(claimed, this.#deps.clock.now() + waitMs);
  }
}

/** A record in the hands of the drain. */
interface Claimed {
  readonly record: SpooledRecord;
  readonly event: PendingEvent;
  /** Place in the order of claiming. */
  readonly order: number;
  /** Its repetition was none of its own making: all traffic was stopped. */
  free: boolean;
  /** When it may be sent (again), on the monotonic clock (ms). */
  readyAt: number;
  /** Whether it is under way to see if the ledger is back. */
  probe: boolean;
}

function nobody(): void {
  // What comes of a record is told with its record.
}

/** Claimed records that are not under way, in order of age. */
class DrainQueue {
  #fresh: Claimed[] = [];
  #head = 0;
  #waiting: Claimed[] = [];
  #claimed = 0;

  /** Records that were never sent. */
  get fresh(): number {
    return this.#fresh.length - this.#head;
  }

  /** Records to be sent again. */
  get waiting(): number {
    return this.#waiting.length;
  }

  add(records: readonly SpooledRecord[], context: SendContext): void {
    const added = records.map((record) => {
      const { idempotencyKey, requestId, body } = record;
      const request = { idempotencyKey, requestId, body, bytes: body.byteLength };
      const event = new PendingEvent(request, context, nobody);
      const order = (this.#claimed += 1);
      return { record, event, order, free: true, readyAt: 0, probe: false };
    });
    this.#fresh = this.fresh === 0 ? added : [...this.#fresh.slice(this.#head), ...added];
    this.#head = 0;
  }

  putBack(claimed: Claimed, readyAt: number): void {
    claimed.readyAt = readyAt;
    const after = this.#waiting.findIndex(({ order }) => order > claimed.order);
    this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, claimed);
  }

  /** The oldest of the waiting that is due; it stays. */
  nextDue(now: number): Claimed | undefined {
    return this.#waiting.find(({ readyAt }) => readyAt <= now);
  }

  /** Takes out one of the waiting. */
  take(claimed: Claimed): Claimed {
    this.#waiting = this.#waiting.filter((other) => other !== claimed);
    return claimed;
  }

  /** The oldest that was never sent. */
  nextFresh(): Claimed | undefined {
    const first = this.#fresh[this.#head];
    if (first === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#fresh.length) {
      this.#fresh = [];
      this.#head = 0;
    }
    return first;
  }

  /** The oldest of all, ready or not, but for the one to be passed over. */
  nextProbe(passOver: Claimed | undefined): Claimed | undefined {
    const other = this.#waiting.find((claimed) => claimed !== passOver);
    if (other !== undefined) return this.take(other);
    return this.nextFresh() ?? this.#waiting.pop();
  }

  /** When the next of the waiting is due; `undefined` when none waits. */
  nextDueAt(): number | undefined {
    let earliest: number | undefined;
    for (const { readyAt } of this.#waiting) {
      if (earliest === undefined || readyAt < earliest) earliest = readyAt;
    }
    return earliest;
  }

  /** What waits may be repeated at once. */
  hurry(now: number): void {
    for (const each of this.#waiting) each.readyAt = Math.min(each.readyAt, now);
  }

  /** As `hurry`, and none of it counts as a repetition: the ledger is back. */
  release(now: number): void {
    for (const each of this.#waiting) {
      each.free = true;
      each.readyAt = now;
    }
  }
}

/** Probes that may fail with one record before another one gets a chance. */
const SAME_RECORD = 3;

/**
 * Chooses what to probe with: the oldest record, as order demands; but not for ever the same one.
 * An event that the ledger can never digest would otherwise keep all others from being tried.
 */
class ProbeChoice {
  #last: Claimed | undefined;
  #failures = 0;

  /** The record to leave out this time, if any. */
  passOver(): Claimed | undefined {
    return this.#failures >= SAME_RECORD ? this.#last : undefined;
  }

  ended(claimed: Claimed, outcome: AttemptOutcome): void {
    const failed = outcome.kind === 'retryable';
    this.#failures = failed && claimed === this.#last ? this.#failures + 1 : 1;
    this.#last = failed ? claimed : undefined;
  }
}

/** Repetitions that one first attempt pays for. */
const PER_ATTEMPT = 0.1;
/** Repetitions per second that are free, so that a quiet service repeats too. */
const PER_SECOND = 1;
/** Most repetitions that can be saved up. */
const CAPACITY = 100;

/**
 * Bounds repetitions over all events of a client: an outage must not double its own load. Times
 * are of the monotonic clock, in ms.
 */
export class RetryBudget {
  // A second's worth.
  #tokens = PER_SECOND;
  #filledAt: number;

  constructor(startedAt: number) {
    this.#filledAt = startedAt;
  }

  /** A first attempt was made. */
  attempted(): void {
    this.#tokens = Math.min(CAPACITY, this.#tokens + PER_ATTEMPT);
  }

  /** Takes the right to one repetition; `false` when there is none now. */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until there is one. */
  waitMs(now: number): number {
    this.#fill(now);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / PER_SECOND) * 1_000);
  }

  #fill(now: number): void {
    this.#tokens = Math.min(CAPACITY, this.#tokens + ((now - this.#filledAt) / 1_000) * PER_SECOND);
    this.#filledAt = now;
  }
}
