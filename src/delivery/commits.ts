import type { DropReason } from '../outcome.ts';
import { lost } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { PendingEvent } from './delivery.ts';
import type { AbortWatcher } from './send-scope.ts';
import { abortWatchers, endReason } from './send-scope.ts';

/** What a commit gets at least, ms, whatever the deadline: once on disk, an event has none. */
const LEAST_COMMIT_MS = 1_000;
/** What a commit under way gets when nobody may wait for it any longer, ms: mostly it is enough. */
const LAST_MOMENT_MS = 100;
/** After so many ms without an answer a disk is not written at exit: that would block for ever. */
const STUCK_MS = 5_000;

const NO_ANSWER = 'the disk does not answer';

/** An event whose commit is under way. */
class Commit implements AbortWatcher {
  readonly event: PendingEvent;
  readonly since: number;
  /** When waiting for the disk ends, on the monotonic clock (ms). */
  endsAt: number;
  givenUp = false;
  readonly #commits: Commits;

  constructor(event: PendingEvent, now: number, commits: Commits) {
    this.event = event;
    this.since = now;
    this.endsAt = Math.max(event.context.deadline, now + LEAST_COMMIT_MS);
    this.#commits = commits;
  }

  aborted(): void {
    this.#commits.hasten(this);
  }
}

/** The commits under way: what waits for one is settled in time, whether the disk answers or not. */
export class Commits {
  readonly #clock: Clock;
  readonly #all = new Set<Commit>();
  readonly #onStuck: () => void;
  #nextAt = Infinity;
  #cancel = (): void => {};
  #watching: (() => void) | undefined;
  #told = false;

  /** @param onStuck - told once when the disk is taken to hang, until it answers */
  constructor(clock: Clock, onStuck: () => void) {
    this.#clock = clock;
    this.#onStuck = onStuck;
  }

  begin(event: PendingEvent): Commit {
    const commit = new Commit(event, this.#clock.now(), this);
    const { signal } = event.context.scope;
    this.#all.add(commit);
    abortWatchers(signal).add(commit);
    if (this.#watching === undefined) this.#watch();
    if (signal.aborted) this.hasten(commit);
    else this.#lookAt(commit.endsAt);
    return commit;
  }

  /** The disk has answered; gives whether the event was still waited for. */
  end(commit: Commit): boolean {
    this.#all.delete(commit);
    this.#told = false;
    abortWatchers(commit.event.context.scope.signal).delete(commit);
    if (this.#all.size === 0) this.#rest();
    return !commit.givenUp;
  }

  /** What it is for has ended. */
  hasten(commit: Commit): void {
    commit.endsAt = Math.min(commit.endsAt, this.#clock.now() + LAST_MOMENT_MS);
    this.#lookAt(commit.endsAt);
  }

  /** Whether the oldest has waited for so long that the disk is taken to hang. */
  isStuck(): boolean {
    for (const { since } of this.#all) return this.#clock.now() - since >= STUCK_MS;
    return false;
  }

  /** Ends all waiting. */
  giveUp(): void {
    this.#rest();
    for (const commit of this.#all) giveUp(commit, 'shutdown');
  }

  /** Nobody waits for a disk that hangs, so this holds no process. */
  readonly #watch = (): void => {
    this.#watching = this.#clock.after({ ms: 1_000, hold: 'background', run: this.#watch });
    if (this.#told || !this.isStuck()) return;
    this.#told = true;
    this.#onStuck();
  };

  #rest(): void {
    this.#cancel();
    this.#watching?.();
    this.#watching = undefined;
    this.#nextAt = Infinity;
  }

  #lookAt(at: number): void {
    if (at >= this.#nextAt) return;
    this.#cancel();
    this.#nextAt = at;
    const ms = Math.max(0, at - this.#clock.now());
    this.#cancel = this.#clock.after({ ms, hold: 'process', run: this.#look });
  }

  readonly #look = (): void => {
    this.#nextAt = Infinity;
    const now = this.#clock.now();
    let nextAt = Infinity;
    for (const commit of this.#all) {
      if (commit.givenUp) continue;
      if (commit.endsAt <= now) giveUp(commit, 'deadline');
      else nextAt = Math.min(nextAt, commit.endsAt);
    }
    this.#lookAt(nextAt);
  };
}

/** Ends an event for which the disk had no answer: by its scope, or for the reason given. */
function giveUp(commit: Commit, reason: DropReason): void {
  if (commit.givenUp) return;
  commit.givenUp = true;
  const { scope } = commit.event.context;
  commit.event.end(lost(scope.signal.aborted ? endReason(scope) : reason, NO_ANSWER));
}
