import process from 'node:process';
import type { Claimed } from './drain-queue.ts';
import { createDrainQueue } from './drain-queue.ts';
import type { SettleDeps } from './drain-settle.ts';
import { createSettle } from './drain-settle.ts';
import type { OwnLifetime } from './lifetime.ts';
import { createProbeChoice } from './probe-choice.ts';
import { createRetryBudget } from './retry-budget.ts';
import type { Traffic } from './traffic.ts';
import type { SendContext, Transport } from './transport.ts';

/** Records claimed from the spool at once; what the drain holds in memory is a few times that. */
const CLAIM = 256;
/** Above so many records that wait to be repeated, no new ones are begun. */
const MOST_WAITING = 256;
/** What a drain is made from. */
export interface DrainDeps extends Omit<SettleDeps, 'putBack'> {
  /** One attempt, with its time limit; no repetition. */
  readonly transport: Transport;
  readonly traffic: Traffic;
  readonly lifetime: OwnLifetime;
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
  const { spool, transport, traffic, clock, lifetime, events } = deps;
  const queue = createDrainQueue();
  const settle = createSettle({
    ...deps,
    putBack(claimed, waitMs) {
      queue.putBack({ ...claimed, readyAt: clock.now() + waitMs });
    },
  });
  const context: SendContext = {
    deadline: Infinity,
    lifetime,
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
