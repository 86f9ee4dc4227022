import process from 'node:process';
import type { RetryPolicy } from '../config/resolve.ts';
import type { AttemptOf, AttemptOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { RecordRef, Spool, SpooledRecord } from '../spool/spool.ts';
import { retryWaitMs } from './answer.ts';
import type { OnEnd, PendingEvent, SendContext } from './delivery.ts';
import { REFUSED_WAIT_MS } from './delivery.ts';
import type { Claimed, Due } from './drain-queue.ts';
import { DrainQueue, isOften } from './drain-queue.ts';
import type { HaltingTransport } from './halt.ts';
import type { SendScope } from './send-scope.ts';
import type { Traffic } from './traffic.ts';
import { RetryBudget } from './traffic.ts';
import { AnyPlace, FairShare } from './turns.ts';

/** Records claimed from the spool at once. */
const CLAIM = 256;
/**
 * Bytes of memory for records that are not under way: where traffic stands, more are claimed than
 * are needed, so that bad ones in front hide no good ones; and what failed waits here.
 */
const MOST_HELD = 16 * 1024 * 1024;
/** Wait before an event that could not be put into quarantine is put there again, ms. */
const QUARANTINE_RETRY_MS = 5_000;

/** What the drain tells of its records. */
export interface DrainEvents {
  delivered(record: SpooledRecord, outcome: AttemptOf<'accepted'>): void;
  quarantined(record: SpooledRecord, outcome: AttemptOf<'rejected'>): void;
  /** The ledger refuses the record, and perhaps all traffic; it stays. */
  parked(record: SpooledRecord, outcome: AttemptOf<'quota' | 'misconfigured'>): void;
  retried(ref: RecordRef): void;
}

/** What a drain is made from. */
export interface DrainDeps {
  readonly spool: Spool;
  /** One attempt, with its time limit; no repetition. */
  readonly transport: Pick<HaltingTransport, 'send' | 'acceptances' | 'onChange' | 'window'>;
  /** Requests that may be under way. */
  readonly concurrency: number;
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
 * - A record the ledger refused for good is acknowledged only once it is in quarantine; the verdict
 *   is kept, and the write alone is repeated.
 * - A record refused with all traffic (quota, credentials) goes out again when that is released.
 * - No record stops others: what was tried often has a part of the window, and what finds out
 *   whether the ledger is back is the record that was tried least.
 */
export class Drain {
  readonly #deps: DrainDeps;
  readonly #context: SendContext;
  readonly #budget: RetryBudget;
  readonly #share: FairShare;
  readonly #queue: DrainQueue;
  readonly #verdicts: Verdicts;
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
    this.#share = new FairShare(() => deps.transport.window(deps.concurrency));
    this.#queue = new DrainQueue(new AnyPlace(deps.random));
    this.#verdicts = new Verdicts(deps, () => {
      this.#pumpSoon();
    });
    deps.transport.onChange(() => {
      this.#pumpSoon();
    });
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
    // Where traffic stands, what has just come finds out best whether only what was there is bad.
    const wanted = this.#queue.fresh === 0 || this.#deps.traffic.stands;
    if (!this.#claiming && wanted) this.#pump();
  }

  /** Ends the waits: each waiting record, or one probe in an outage, is tried at once. */
  hurry(): void {
    this.#queue.hurry(this.#deps.clock.now());
    this.#deps.traffic.hurry();
    this.#verdicts.hurry();
    this.#pump();
  }

  /** Somebody says that what stood in the way is mended: also what was refused is tried at once. */
  resume(): void {
    this.#queue.forgive();
    this.wake();
    this.hurry();
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
    this.#verdicts.stop();
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
    if (this.#more && !this.#claiming && this.#wantsMore()) void this.#refill();
    this.#rest();
  }

  #wantsMore(): boolean {
    if (this.#queue.fresh < CLAIM / 2) return true;
    return this.#deps.traffic.stands && this.#queue.bytes < MOST_HELD / 2;
  }

  #rest(): void {
    if (this.#underWay.size > 0 || this.#claiming || this.#verdicts.writing) return;
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
    const admission = this.#deps.traffic.admission(this.#underWay.size, this.#queue.fresh > 0);
    if (admission.kind === 'wait') {
      if (admission.ms !== undefined) this.#wakeIn(admission.ms);
      return false;
    }
    const probe = admission.kind === 'probe';
    const now = this.#deps.clock.now();
    const found = probe ? this.#queue.nextProbe(now) : this.#next(now);
    if ('dueAt' in found) {
      if (found.dueAt !== Infinity) this.#wakeIn(found.dueAt - now);
      return false;
    }
    this.#send(found, probe);
    return true;
  }

  /** The next record to send; else when one will be due. */
  #next(now: number): Claimed | Due {
    const due = this.#queue.nextDue(now, 'seldom');
    // What a probe took from far behind waits for its place.
    const isNext = due !== undefined && due.order < this.#queue.freshOrder;
    if (isNext && (due.free || this.#budget.take(now))) return this.#queue.take(due);
    const others = this.#queue.fresh > 0;
    const often = this.#queue.nextDue(now, 'often');
    if (often !== undefined && (!others || this.#share.mayRepeat) && this.#budget.take(now)) {
      return this.#queue.take(often);
    }
    const fresh = this.#queue.nextFresh();
    if (fresh !== undefined) return fresh;
    const waits = due !== undefined || often !== undefined;
    return { dueAt: waits ? now + this.#budget.waitMs(now) : this.#queue.nextDueAt() };
  }

  #send(claimed: Claimed, probe: boolean): void {
    const { record, event } = claimed;
    this.#underWay.set(event, claimed);
    if (isOften(claimed)) this.#share.repeats();
    else this.#share.other();
    if (event.attempts === 0) this.#budget.attempted();
    else this.#deps.events.retried(record.ref);
    if (probe) this.#deps.traffic.probing();
    event.onEnd(this.#onEnd);
    this.#deps.transport.send(event);
  }

  readonly #onEnd: OnEnd = (event, outcome) => {
    const claimed = this.#underWay.get(event);
    if (claimed === undefined) return;
    const back = this.#deps.traffic.ended(outcome, event.attempts === 0);
    if (isOften(claimed)) this.#share.repeated();
    if (claimed.front && outcome.kind !== 'dropped') {
      this.#queue.frontEnded(outcome.kind === 'accepted' || outcome.kind === 'rejected');
    }
    this.#settle(claimed, outcome);
    if (back) this.#queue.release(this.#deps.clock.now());
    this.#underWay.delete(event);
    this.#pumpSoon();
  };

  /** Does with a record what its outcome asks for. */
  #settle(claimed: Claimed, outcome: AttemptOutcome): void {
    const { record, event } = claimed;
    switch (outcome.kind) {
      case 'accepted':
        this.#deps.spool.acknowledge(record.ref);
        this.#deps.events.delivered(record, outcome);
        return;
      case 'rejected':
        this.#verdicts.add({ record, outcome });
        return;
      case 'retryable':
        if (event.failed(outcome)) this.#repeatLater(claimed, outcome);
        else
          this.#verdicts.add({ record, outcome: { kind: 'rejected', failure: outcome.failure } });
        return;
      case 'misconfigured':
        this.#refused(claimed, outcome);
        return;
      case 'quota':
        this.#putBack(claimed, 0);
        this.#deps.events.parked(record, outcome);
        return;
      case 'dropped':
        this.#putBack(claimed, 0);
    }
  }

  /** By a wrong configuration, or for what is in it: another minute may tell. */
  #refused(claimed: Claimed, outcome: AttemptOf<'misconfigured'>): void {
    const { transport, events, clock } = this.#deps;
    const { record, event } = claimed;
    const { failure } = outcome;
    const now = clock.now();
    if (failure.status === undefined) this.#putBack(claimed, 0);
    else if (event.refused(transport.acceptances(), now)) {
      this.#verdicts.add({ record, outcome: { kind: 'rejected', failure } });
      return;
    } else {
      claimed.notBefore = now + REFUSED_WAIT_MS;
      this.#putBack(claimed, REFUSED_WAIT_MS);
    }
    events.parked(record, outcome);
  }

  #repeatLater(claimed: Claimed, { retryAfterMs }: AttemptOf<'retryable'>): void {
    const { policy, random } = this.#deps;
    claimed.free = false;
    this.#putBack(claimed, retryWaitMs(policy, claimed.event.failures, random(), retryAfterMs));
  }

  /** Over the bound, what was tried most stays on disk alone, until a process claims it anew. */
  #putBack(claimed: Claimed, waitMs: number): void {
    this.#queue.putBack(claimed, this.#deps.clock.now() + waitMs);
    while (this.#queue.waitingBytes > MOST_HELD) this.#queue.leaveOne();
  }
}

/** A record, and why the ledger refused it. */
interface Verdict {
  readonly record: SpooledRecord;
  readonly outcome: AttemptOf<'rejected'>;
}

/**
 * Brings refused records into quarantine. What that cannot take is kept, and never sent again; after
 * a while one is put there anew, and when that goes well, the others.
 */
class Verdicts {
  readonly #deps: DrainDeps;
  readonly #written: () => void;
  #kept: Verdict[] = [];
  #keptBytes = 0;
  #writes = 0;
  #stopped = false;
  #cancelTimer = (): void => {};

  /** @param written - called whenever a write has ended */
  constructor(deps: DrainDeps, written: () => void) {
    this.#deps = deps;
    this.#written = written;
  }

  /** Whether any is being written. */
  get writing(): boolean {
    return this.#writes > 0;
  }

  add(verdict: Verdict): void {
    // Known not to work: the one that is tried next tells for all.
    if (this.#kept.length > 0) this.#keep(verdict);
    else void this.#write(verdict);
  }

  /** Tries again at once. */
  hurry(): void {
    if (this.#kept.length > 0) void this.#tryOne();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  async #write(verdict: Verdict): Promise<boolean> {
    const { spool, redactText, events } = this.#deps;
    const { record, outcome } = verdict;
    const reason = outcome.reason === undefined ? undefined : redactText(outcome.reason);
    this.#writes += 1;
    const kept = await spool.quarantine({ record, status: outcome.failure.status, reason });
    this.#writes -= 1;
    if (kept) events.quarantined(record, outcome);
    else this.#keep(verdict);
    this.#written();
    return kept;
  }

  async #tryOne(): Promise<void> {
    this.#cancelTimer();
    const [first, ...others] = this.#kept;
    if (first === undefined || this.#writes > 0) return;
    this.#kept = others;
    this.#keptBytes -= first.record.body.byteLength;
    if (!(await this.#write(first))) return;
    const waited = this.#kept;
    this.#kept = [];
    this.#keptBytes = 0;
    for (const verdict of waited) void this.#write(verdict);
  }

  /** Over the bound, the record stays on disk alone, to be refused anew in another process. */
  #keep(verdict: Verdict): void {
    const { byteLength } = verdict.record.body;
    if (this.#keptBytes + byteLength > MOST_HELD) return;
    this.#kept.push(verdict);
    this.#keptBytes += byteLength;
    if (this.#stopped) return;
    this.#cancelTimer();
    const run = (): void => void this.#tryOne();
    const { clock } = this.#deps;
    this.#cancelTimer = clock.after({ ms: QUARANTINE_RETRY_MS, hold: 'background', run });
  }
}
