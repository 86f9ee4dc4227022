import type { AttemptOutcome } from '../outcome.ts';
import { lost } from '../outcome.ts';
import type { Clock, Hold } from '../runtime/clock.ts';
import type { OnEnd, PendingEvent, Transport } from './delivery.ts';
import { heldBytes } from './delivery.ts';
import type { HaltingTransport } from './halt.ts';
import type { AbortWatcher } from './send-scope.ts';
import { abortWatchers, endReason } from './send-scope.ts';
import type { Run } from './traffic.ts';
import { GOING_WELL, TRY_EVERY_MS, afterFirst, isOutage } from './traffic.ts';

/** A timer that is so much too late, in ms, shows that the process stood still. */
export const STOOD_STILL_MS = 1_000;
/** Shortest time between two looks at all that wait, ms: a look is as long as the line. */
const LOOK_EVERY_MS = 100;

/** A transport that knows how much it holds. */
export interface PendingTransport extends Transport {
  /** Bytes of memory that is taken by events that are not settled yet. */
  pendingBytes(): number;
}

/** Turns events away once those not settled yet would take more than `maxBytes` of memory. */
export function withPendingLimit(next: Transport, maxBytes: number): PendingTransport {
  let pending = 0;
  const ended: OnEnd = (event, outcome) => {
    pending -= heldBytes(event.request);
    event.end(outcome);
  };
  return {
    pendingBytes: () => pending,
    send(event) {
      const bytes = heldBytes(event.request);
      if (pending + bytes > maxBytes) {
        event.end(lost('queue_full', 'maxPendingBytes reached'));
        return;
      }
      pending += bytes;
      event.onEnd(ended);
      next.send(event);
    },
  };
}

/** Repetitions hold so much of the window while others wait. */
const SHARE = 4;

/**
 * Whose turn it is where some events failed before and others were never tried: what fails again
 * and again holds a part of the window, and begins one time in four, so that no event stops others.
 */
export class FairShare {
  readonly #window: () => number;
  #running = 0;
  #others = SHARE - 1;

  /** @param window - how many may be under way */
  constructor(window: () => number) {
    this.#window = window;
  }

  /** Whether a repetition may begin although an event waits that was never tried. */
  get mayRepeat(): boolean {
    const most = Math.max(1, Math.floor(this.#window() / SHARE));
    return this.#running < most && this.#others >= SHARE - 1;
  }

  /** A repetition begins. */
  repeats(): void {
    this.#running += 1;
    this.#others = 0;
  }

  /** A repetition has ended. */
  repeated(): void {
    this.#running -= 1;
  }

  /** Another event begins. */
  other(): void {
    this.#others += 1;
  }
}

/**
 * Chooses among events that were never tried, where the oldest may be bad and hide the others: the
 * newest, which bad ones that came together hide least, and by turns any of them.
 */
export class AnyPlace {
  readonly #random: () => number;
  #newest = false;

  /** @param random - a number in [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Puts the chosen one at `head`; the others keep their order. */
  putInFront(line: unknown[], head: number): void {
    this.#newest = !this.#newest;
    const count = line.length - head;
    const at = head + (this.#newest ? count - 1 : Math.floor(this.#random() * count));
    line.splice(head, 0, ...line.splice(at, 1));
  }
}

/** What turns are given by. */
export interface TurnsDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Requests that may be under way. */
  readonly limit: number;
  /** Wall clock of one attempt, ms. */
  readonly timeoutMs: number;
  /** Whether anything may be sent. */
  readonly halting: Pick<
    HaltingTransport,
    'halted' | 'inDoubt' | 'opensAt' | 'refusal' | 'onChange' | 'window'
  >;
}

/** An event that waits for another attempt, and how that begins. */
interface Again {
  readonly event: PendingEvent;
  readonly go: () => void;
}

/**
 * Says which event that is held in memory is sent next; at most `limit` are under way.
 *
 * - An event that waits to be repeated lends its place, while the ledger takes others.
 * - When more different ones have failed in a row than chance allows, five at least, the ledger is
 *   the cause: then what waits keeps its place, so that an outage is met by `limit` events and not
 *   by all, and every 200 ms one place is lent to an event that was never tried, any of them:
 *   perhaps only the first ones are bad.
 * - While the configuration is in doubt, or known to be wrong, events wait here under their own
 *   deadline; one at a time is tried when its time has come.
 */
export class Turns implements AbortWatcher {
  readonly #deps: TurnsDeps;
  readonly #share: FairShare;
  readonly #anyPlace: AnyPlace;
  /** Never tried, in the order they came; cut now and then, since shifting is quadratic. */
  #fresh: PendingEvent[] = [];
  #head = 0;
  #again: Again[] = [];
  /** Events between two attempts. */
  readonly #away = new Set<PendingEvent>();
  readonly #repeating = new Set<PendingEvent>();
  #next: Transport | undefined;
  #running = 0;
  #firsts: Run = GOING_WELL;
  #lent: PendingEvent | undefined;
  #lendAt = -Infinity;
  #pumping = false;
  #timerAt = Infinity;
  #firstDeadline = Infinity;
  #lookedAt = -Infinity;
  #cancelTimer = (): void => {};

  constructor(deps: TurnsDeps) {
    this.#deps = deps;
    this.#share = new FairShare(() => this.#window);
    this.#anyPlace = new AnyPlace(deps.random);
    deps.halting.onChange(() => {
      if (deps.halting.halted() === 'misconfigured') this.#lookSoon();
      this.#pump();
    });
  }

  /** The transport that gives an event its first turn. */
  over(next: Transport): Transport {
    this.#next = next;
    return {
      send: (event) => {
        if (this.#waiting === 0 && !this.#pumping && this.#mayBeginFreely()) {
          this.#share.other();
          this.#run(event);
          return;
        }
        if (this.#isHopeless(event)) {
          event.end(this.#refusal());
          return;
        }
        this.#fresh.push(event);
        this.#watch(event);
        this.#pump();
      },
    };
  }

  /** An attempt has failed; the event waits before it asks for another turn. */
  leave(event: PendingEvent): void {
    this.#away.add(event);
    if (event.attempts === 1) this.#firsts = afterFirst(this.#firsts, false);
    this.#off(event);
    this.#pump();
  }

  /** The event asks for a turn; it gets one, or it is ended. */
  again(event: PendingEvent, go: () => void): void {
    if (this.#isHopeless(event)) {
      event.end(this.#refusal());
      return;
    }
    this.#again.push({ event, go });
    this.#watch(event);
    this.#pump();
  }

  /** The scope of an event has ended, or hurries. */
  aborted(): void {
    this.#lookSoon();
    this.#pump();
  }

  /** Many events may end together: they are not looked at as often. */
  #lookSoon(): void {
    const now = this.#deps.clock.now();
    const lookAt = this.#lookedAt + LOOK_EVERY_MS;
    if (now >= lookAt) this.#look(now);
    else this.#firstDeadline = Math.min(this.#firstDeadline, lookAt);
  }

  get #waiting(): number {
    return this.#fresh.length - this.#head + this.#again.length;
  }

  get #inDoubt(): boolean {
    return this.#firsts.inARow > 0 && isOutage(this.#firsts);
  }

  get #window(): number {
    return this.#deps.halting.window(this.#deps.limit);
  }

  #mayBeginFreely(): boolean {
    const window = this.#window;
    if (this.#running >= window) return false;
    if (this.#inDoubt && this.#running + this.#away.size >= window) return false;
    return this.#deps.halting.opensAt(true) === undefined;
  }

  #run(event: PendingEvent): void {
    this.#running += 1;
    event.onEnd(this.#ended);
    this.#next?.send(event);
  }

  readonly #ended: OnEnd = (event, outcome) => {
    const away = this.#away.size > 0 && this.#away.delete(event);
    if (!away) this.#off(event);
    const well = outcome.kind === 'accepted' || outcome.kind === 'rejected';
    if (well && this.#firsts !== GOING_WELL) this.#firsts = afterFirst(this.#firsts, true);
    event.end(outcome);
    this.#pump();
  };

  /** It is no longer under way. */
  #off(event: PendingEvent): void {
    this.#running -= 1;
    if (this.#repeating.size > 0 && this.#repeating.delete(event)) this.#share.repeated();
    if (event !== this.#lent) return;
    this.#lent = undefined;
    this.#lendAt = this.#deps.clock.now() + TRY_EVERY_MS;
  }

  #pump(): void {
    // A send that ends at once comes back here: the loop goes on, not one level deeper.
    if (this.#pumping) return;
    this.#pumping = true;
    const now = this.#deps.clock.now();
    if (now > this.#timerAt + STOOD_STILL_MS) this.#look(now);
    while (this.#begin(now));
    this.#pumping = false;
    if (this.#waiting === 0) this.#setTimer(Infinity);
    else this.#setTimer(Math.min(this.#timerAt, this.#firstDeadline));
  }

  /** Begins one more event, if one may begin; whether it did. */
  #begin(now: number): boolean {
    const { halting } = this.#deps;
    if (this.#waiting === 0 || this.#running >= this.#window) return false;
    const opensAt = halting.opensAt(this.#fresh.length > this.#head);
    // What a used-up quota refuses ends at once: its month may have weeks to go.
    if (opensAt !== undefined && halting.halted() !== 'quota') {
      if (opensAt <= now) return this.#probe();
      this.#setTimer(Math.min(this.#timerAt, opensAt));
      return false;
    }
    return this.#inDoubt ? this.#beginInDoubt(now) : this.#beginFairly();
  }

  #beginFairly(): boolean {
    const fresh = this.#fresh.length > this.#head;
    if (this.#again.length > 0 && (!fresh || this.#share.mayRepeat)) return this.#repeat(0);
    return fresh && this.#first();
  }

  #beginInDoubt(now: number): boolean {
    const fresh = this.#fresh.length > this.#head;
    if (fresh && this.#running + this.#away.size < this.#window) return this.#first();
    if (fresh && this.#lent === undefined) {
      if (now >= this.#lendAt) {
        this.#anyPlace.putInFront(this.#fresh, this.#head);
        this.#lent = this.#fresh[this.#head];
        return this.#first();
      }
      this.#setTimer(Math.min(this.#timerAt, this.#lendAt));
    }
    return this.#again.length > 0 && this.#repeat(0);
  }

  /** The event that was tried least finds out whether traffic may flow. */
  #probe(): boolean {
    if (this.#fresh.length > this.#head) {
      this.#anyPlace.putInFront(this.#fresh, this.#head);
      return this.#first();
    }
    let least = 0;
    for (const [index, { event }] of this.#again.entries()) {
      if (event.attempts < (this.#again[least]?.event.attempts ?? 0)) least = index;
    }
    return this.#repeat(least);
  }

  #first(): boolean {
    const event = this.#fresh[this.#head];
    if (event === undefined) return false;
    this.#head += 1;
    const { length } = this.#fresh;
    if (this.#head === length || (this.#head > 1024 && this.#head * 2 > length)) {
      this.#fresh = this.#fresh.slice(this.#head);
      this.#head = 0;
    }
    const { scope } = event.context;
    if (scope.signal.aborted) {
      if (event === this.#lent) this.#lent = undefined;
      event.end(lost(endReason(scope), 'ended while waiting'));
      return true;
    }
    this.#share.other();
    this.#run(event);
    return true;
  }

  #repeat(at: number): boolean {
    const [again] = this.#again.splice(at, 1);
    if (again === undefined) return false;
    const { event, go } = again;
    this.#away.delete(event);
    this.#repeating.add(event);
    this.#share.repeats();
    this.#running += 1;
    go();
    return true;
  }

  #watch(event: PendingEvent): void {
    const { scope } = event.context;
    abortWatchers(scope.signal).add(this);
    // Who closes while nothing may be sent need not wait for the end of its budget.
    abortWatchers(scope.wake).add(this);
    if (event.deadline < this.#firstDeadline) this.#firstDeadline = event.deadline;
  }

  /** Ends what waits and has no time left; where the process stood still, it gets that time back. */
  #look(now: number): void {
    const { timeoutMs } = this.#deps;
    const late = now - this.#timerAt;
    this.#cancelTimer();
    this.#timerAt = Infinity;
    this.#lookedAt = now;
    this.#firstDeadline = Infinity;
    const fresh = this.#fresh.slice(this.#head);
    const again = this.#again;
    this.#fresh = [];
    this.#head = 0;
    this.#again = [];
    const over: [PendingEvent, AttemptOutcome][] = [];
    const stays = (event: PendingEvent): boolean => {
      if (late > STOOD_STILL_MS) event.extend(Math.max(event.deadline + late, now + timeoutMs));
      const outcome = this.#endOf(event, now);
      if (outcome === undefined) this.#watch(event);
      else over.push([event, outcome]);
      return outcome === undefined;
    };
    this.#fresh = fresh.filter(stays);
    this.#again = again.filter(({ event }) => stays(event));
    this.#firstDeadline = Math.max(this.#firstDeadline, now + LOOK_EVERY_MS);
    for (const [event, outcome] of over) event.end(outcome);
  }

  #endOf(event: PendingEvent, now: number): AttemptOutcome | undefined {
    const { halting } = this.#deps;
    const { scope } = event.context;
    if (scope.signal.aborted) return lost(endReason(scope), 'ended while waiting');
    if (now >= event.deadline) return halting.refusal() ?? lost('deadline', 'ended while waiting');
    return this.#isHopeless(event) ? this.#refusal() : undefined;
  }

  /** Whether traffic stands for as long as the event has time: who awaits it hears of that now. */
  #isHopeless({ context, deadline }: PendingEvent): boolean {
    const { halting } = this.#deps;
    if (halting.halted() !== 'misconfigured' || halting.inDoubt()) return false;
    const opensAt = halting.opensAt(false) ?? 0;
    return context.scope.closing || (opensAt !== Infinity && opensAt > deadline);
  }

  #refusal(): AttemptOutcome {
    return this.#deps.halting.refusal() ?? lost('unauthorized', 'traffic stands');
  }

  #setTimer(at: number): void {
    if (at === this.#timerAt) return;
    this.#cancelTimer();
    this.#timerAt = at;
    if (at === Infinity) return;
    const run = (): void => {
      this.#look(this.#deps.clock.now());
      this.#pump();
    };
    const ms = at - this.#deps.clock.now();
    this.#cancelTimer = this.#deps.clock.after({ ms, hold: this.#hold(), run });
  }

  /** Whether somebody awaits what waits here. */
  #hold(): Hold {
    const held = ({ context }: PendingEvent): boolean => context.scope.hold === 'process';
    const awaited = this.#fresh.some(held) || this.#again.some(({ event }) => held(event));
    return awaited ? 'process' : 'background';
  }
}
