import type { Clock } from '../../runtime/clock.ts';
import type { DeliveryState } from '../delivery.ts';
import type { News, Report } from './protocol.ts';

/** Time in ms that news may wait for more. */
const GATHER_MS = 4;
/** Pieces of news that are gathered for one message at most. */
const FULL_COUNT = 512;
/** Time between two looks whether the state changed by itself, ms. */
const WATCH_MS = 250;

/** Gathers what the thread has to say. */
export interface NewsDesk {
  /** One more attempt is made. */
  repeated(id: number): void;
  /** The ledger took it for the first time, and nobody wants its receipt. */
  accepted(id: number): void;
  /** It is on disk. */
  stored(id: number): void;
  /** `now`: somebody waits for it; `later`: it may wait for more. */
  report(report: Report, when: 'now' | 'later'): void;
  /** Posts what there is now, be it nothing. */
  open(): void;
  /** Posts what there is, and that the process need not live for this thread. */
  idle(after: number): void;
}

/** What a desk needs. */
export interface NewsDeskDeps {
  readonly post: (news: News) => void;
  readonly state: () => DeliveryState;
  readonly clock: Clock;
  /** Runs a function as soon as what is going on now is over. */
  readonly soon: (run: () => void) => void;
}

/** The state without what moves with the clock alone. */
function fingerprint({ halted, spool }: DeliveryState): string {
  return JSON.stringify([halted, spool === undefined ? null : { ...spool, oldestAgeMs: null }]);
}

interface Gathered {
  readonly repeated: number[];
  readonly accepted: number[];
  readonly stored: number[];
  readonly reports: Report[];
}

const quiet = (): Gathered => ({
  repeated: [],
  accepted: [],
  stored: [],
  reports: [],
});

/** Opens a desk. */
export function createNewsDesk({ post, state, clock, soon }: NewsDeskDeps): NewsDesk {
  let gathered: Gathered = quiet();
  let pieces = 0;
  let told = '';
  let cancelGathering: (() => void) | undefined;
  let called = false;

  function send(idleAfter: number | undefined): void {
    cancelGathering?.();
    cancelGathering = undefined;
    const now = state();
    told = fingerprint(now);
    const sent = gathered;
    gathered = quiet();
    pieces = 0;
    post({ ...sent, state: now, at: clock.now(), idleAfter });
  }

  function flush(): void {
    if (pieces > 0) send(undefined);
  }

  function gather(): void {
    pieces += 1;
    if (pieces >= FULL_COUNT) flush();
    else cancelGathering ??= clock.after({ ms: GATHER_MS, hold: 'process', run: flush });
  }

  function callSoon(): void {
    if (called) return;
    called = true;
    soon(() => {
      called = false;
      flush();
    });
  }

  function watch(): void {
    if (fingerprint(state()) !== told) send(undefined);
    clock.after({ ms: WATCH_MS, hold: 'background', run: watch });
  }
  clock.after({ ms: WATCH_MS, hold: 'background', run: watch });

  return {
    repeated(id) {
      gathered.repeated.push(id);
      gather();
    },
    accepted(id) {
      gathered.accepted.push(id);
      gather();
    },
    stored(id) {
      gathered.stored.push(id);
      gather();
      callSoon();
    },
    report(report, when) {
      // Who handed an event over hears that it is on disk before anybody hears that it left.
      const leaves = report.kind === 'delivered' || report.kind === 'quarantined';
      if (leaves && gathered.stored.length > 0) flush();
      gathered.reports.push(report);
      gather();
      if (when === 'now') callSoon();
    },
    open() {
      send(undefined);
    },
    idle: send,
  };
}
