import type { SpooledRecord } from '../spool/spool.ts';

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
