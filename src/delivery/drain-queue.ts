import type { SpooledRecord } from '../spool/spool.ts';
import type { SendContext } from './delivery.ts';
import { PendingEvent } from './delivery.ts';
import { heldBytes } from './delivery.ts';
import type { AnyPlace } from './turns.ts';

/** Attempts after which a record is repeated in its share of the window only. */
const OFTEN = 3;

/** After so many failures of the oldest in a row, others are sent between two of them. */
const FRONT_FAILS = 3;
/** How many at most. */
const MOST_BETWEEN = 256;

/** A record in the hands of the drain. */
export interface Claimed {
  readonly record: SpooledRecord;
  readonly event: PendingEvent;
  /** Place in the order of claiming. */
  readonly order: number;
  /** It was the oldest when it was sent first. */
  front: boolean;
  /** Its repetition was none of its own making: all traffic was stopped. */
  free: boolean;
  /** When it may be sent (again), on the monotonic clock (ms); a probe may be earlier. */
  readyAt: number;
  /** When it may be sent at all. */
  notBefore: number;
}

/** No record is due before this, on the monotonic clock (ms); infinite when none waits. */
export interface Due {
  readonly dueAt: number;
}

/** Whether it was tried so often that it is repeated in its share of the window only. */
export function isOften({ event }: Claimed): boolean {
  return event.failures >= OFTEN || event.attempts > event.failures;
}

function nobody(): void {
  // What comes of a record is told with its record.
}

/** Claimed records that are not under way, in order of age. */
export class DrainQueue {
  readonly #anyPlace: AnyPlace;
  #fresh: Claimed[] = [];
  #head = 0;
  #waiting: Claimed[] = [];
  #claimed = 0;
  #frontFails = 0;
  #between = 0;
  #freshBytes = 0;
  #waitingBytes = 0;

  constructor(anyPlace: AnyPlace) {
    this.#anyPlace = anyPlace;
  }

  /** Records that were never sent. */
  get fresh(): number {
    return this.#fresh.length - this.#head;
  }

  /** Place of the oldest that was never sent; infinite without one. */
  get freshOrder(): number {
    return this.#fresh[this.#head]?.order ?? Infinity;
  }

  /** Bytes of memory that records take here. */
  get bytes(): number {
    return this.#freshBytes + this.#waitingBytes;
  }

  /** Of those, what is to be sent again. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  add(records: readonly SpooledRecord[], context: SendContext): void {
    const added = records.map((record) => {
      const { idempotencyKey, requestId, body } = record;
      const request = { idempotencyKey, requestId, body, bytes: body.byteLength };
      const event = new PendingEvent(request, context, nobody);
      const order = (this.#claimed += 1);
      this.#freshBytes += heldBytes(request);
      return { record, event, order, front: false, free: true, readyAt: 0, notBefore: 0 };
    });
    this.#fresh = this.fresh === 0 ? added : [...this.#fresh.slice(this.#head), ...added];
    this.#head = 0;
  }

  putBack(claimed: Claimed, readyAt: number): void {
    claimed.readyAt = readyAt;
    this.#waitingBytes += heldBytes(claimed.event.request);
    const after = this.#waiting.findIndex(({ order }) => order > claimed.order);
    this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, claimed);
  }

  /** The oldest of the waiting that is due; it stays. */
  nextDue(now: number, tried: 'seldom' | 'often'): Claimed | undefined {
    return this.#waiting.find(
      (claimed) => claimed.readyAt <= now && isOften(claimed) === (tried === 'often'),
    );
  }

  /** Takes out one of the waiting. */
  take(claimed: Claimed): Claimed {
    this.#waiting = this.#waiting.filter((other) => other !== claimed);
    this.#waitingBytes -= heldBytes(claimed.event.request);
    return claimed;
  }

  /**
   * One that was never sent: the oldest; where one after the other of these failed, as what earlier
   * processes left behind may all be bad, more and more others come first.
   */
  nextFresh(): Claimed | undefined {
    if (this.#between > 0 && this.fresh > 1) {
      this.#between -= 1;
      this.#anyPlace.putInFront(this.#fresh, this.#head);
      return this.#first();
    }
    const oldest = this.#first();
    if (oldest !== undefined) oldest.front = true;
    const more = this.#frontFails - FRONT_FAILS;
    this.#between = more < 0 ? 0 : Math.min(2 ** more, MOST_BETWEEN);
    return oldest;
  }

  /** The oldest was sent, and went well or not. */
  frontEnded(well: boolean): void {
    this.#frontFails = well ? 0 : this.#frontFails + 1;
    if (well) this.#between = 0;
  }

  #first(): Claimed | undefined {
    const first = this.#fresh[this.#head];
    if (first === undefined) return undefined;
    this.#freshBytes -= heldBytes(first.event.request);
    this.#head += 1;
    if (this.#head === this.#fresh.length) {
      this.#fresh = [];
      this.#head = 0;
    }
    return first;
  }

  /** The one that was tried least, ready or not; else when there will be one. */
  nextProbe(now: number): Claimed | Due {
    if (this.fresh > 0) {
      this.#anyPlace.putInFront(this.#fresh, this.#head);
      const fresh = this.#first();
      if (fresh !== undefined) return fresh;
    }
    let least: Claimed | undefined;
    let dueAt = Infinity;
    for (const claimed of this.#waiting) {
      dueAt = Math.min(dueAt, claimed.notBefore);
      const allowed = claimed.notBefore <= now;
      const fewer = least === undefined || claimed.event.attempts < least.event.attempts;
      if (allowed && fewer) least = claimed;
    }
    return least === undefined ? { dueAt } : this.take(least);
  }

  /** When the next of the waiting is due. */
  nextDueAt(): number {
    let earliest = Infinity;
    for (const { readyAt } of this.#waiting) earliest = Math.min(earliest, readyAt);
    return earliest;
  }

  /** What waits may be repeated at once. */
  hurry(now: number): void {
    for (const each of this.#waiting)
      each.readyAt = Math.max(Math.min(each.readyAt, now), each.notBefore);
  }

  /** What was refused may be sent as if it had not been. */
  forgive(): void {
    for (const each of this.#waiting) each.notBefore = 0;
  }

  /** As `hurry`, and none of it counts as a repetition: the ledger is back. */
  release(now: number): void {
    for (const each of this.#waiting) {
      if (isOften(each)) continue;
      each.free = true;
      each.readyAt = now;
    }
  }

  /** Lets go of the one that was tried most. */
  leaveOne(): void {
    let most = this.#waiting[0];
    for (const each of this.#waiting) {
      if (most !== undefined && each.event.attempts > most.event.attempts) most = each;
    }
    if (most !== undefined) this.take(most);
  }
}
