import { createAccounts } from './accounts.ts';
import type { CoreDeps } from './client-delivery.ts';
import { createClientDelivery } from './client-delivery.ts';
import type { ClientConfig } from './config/resolve.ts';
import type { EventSummary } from './config/options.ts';
import type { Parcel, SpoolState } from './delivery/delivery.ts';
import type { Fate, Lost } from './delivery/fate.ts';
import { parkReason } from './delivery/fate.ts';
import { createInFlight } from './delivery/in-flight.ts';
import type { Lifetime, OwnLifetime } from './delivery/lifetime.ts';
import { createLifetime } from './delivery/lifetime.ts';
import type { DropReason, ParkReason } from './outcome.ts';
import type { AuditEvent } from './record/event.ts';
import type { RedactionStats } from './redact/accounting.ts';
import { createRedactionCounters } from './redact/accounting.ts';
import { sha256Hex } from './redact/digest.ts';
import { createRedaction } from './redact/redactor.ts';
import { endsWithin } from './runtime/clock.ts';
import { onProcessExit } from './runtime/process-exit.ts';
import type { Turns } from './runtime/turns.ts';
import { createTurns } from './runtime/turns.ts';
import type { Counters, Stats } from './telemetry/counters.ts';
import { createCounters } from './telemetry/counters.ts';
import { createLossReport } from './telemetry/loss-report.ts';
import { observeSpool } from './telemetry/spool-metrics.ts';
import { encodeRequest } from './wire/request.ts';
import type { WireRequest } from './wire/wire-request.ts';

/** {@link Stats} of a client, with the state of its delivery. */
export interface ClientStats extends Stats {
  /** Bytes of memory taken by events that are neither settled nor on disk. */
  readonly pendingBytes: number;
  /** Why nothing is sent; `undefined` while traffic flows. */
  readonly halted: 'quota' | 'misconfigured' | undefined;
  /** What is on disk; `undefined` without a spool. */
  readonly spool: SpoolState | undefined;
  /** Values taken out by action and class, and those where that failed. */
  readonly redactions: RedactionStats;
}

/** An event that may leave the process. */
export interface EncodedEvent {
  readonly request: WireRequest;
  readonly summary: EventSummary;
}

/** On whose account events are sent, and under which limits. */
export interface Owner extends Pick<Parcel, 'lifetime' | 'deadline'> {
  /** Number of the account, as {@link ClientCore.enrol} gave it; 0 for the client's own. */
  readonly account: number;
  /** Whether somebody awaits the events in the ledger, beyond their being on disk. */
  readonly awaited: boolean;
}

/** The parts of a client that its exporters share; not public. */
export interface ClientCore extends CoreDeps {
  readonly config: ClientConfig;
  readonly counters: Counters;
  /** The lifetime of the client itself. */
  readonly lifetime: OwnLifetime;
  stats(): ClientStats;
  /** Opens an account for an exporter and gives its number. */
  enrol(counters: Counters): number;
  /** Why nothing on disk is sent; `undefined` while traffic flows. */
  parked(): ParkReason | undefined;
  /** A lifetime that ends with the client at the latest. */
  adopt(hold: Lifetime['hold']): OwnLifetime;
  /** Redacts and encodes; what it throws means that this one event cannot be sent. */
  encode(event: AuditEvent): EncodedEvent;
  /** How the events of an owner are handed over; to be made once for a batch. */
  parcel(owner: Owner): Parcel;
  /** Hands over an event that was counted as emitted; `done` is called once and must not throw. */
  submit(event: EncodedEvent, parcel: Parcel, done: (fate: Fate) => void): void;
  /** Counts and reports an event that is lost before it could be handed over. */
  lose(account: number, reason: DropReason, detail: string): Lost;
  /** Maps and encodes long batches in slices. */
  readonly turns: Turns;
  /**
   * Ends the waits under way and resolves when everything handed in so far is settled; with a spool,
   * when it is on disk and, as far as traffic flows, in the ledger.
   */
  flush(): Promise<void>;
  resume(): void;
  /** From now on each event gets one attempt and no other. */
  finish(): void;
  /** Ends everything within so many ms, by default `shutdownTimeoutMs`. Idempotent. */
  close(withinMs?: number): Promise<void>;
}

/** Records that are mapped, redacted and encoded before others get their turn: about 0.2 ms. */
const SLICE = 16;
/** The same before a spool on this thread: a whole batch shares a commit, and commits are few. */
const SLICE_TO_DISK = 512;

const NO_EVENT: EventSummary = { idempotencyKey: '', meta: {} };

interface Loss {
  readonly summary: EventSummary;
  readonly detail: string;
}

/** Wires one client together. */
export function createClientCore(config: ClientConfig, deps: CoreDeps): ClientCore {
  const { clock, diagnostics } = deps;
  const counters = createCounters();
  const redactionCounters = createRedactionCounters();
  const redaction = createRedaction(config.redaction, redactionCounters);
  const losses = createLossReport(clock, diagnostics);
  const accounts = createAccounts({ config, root: counters, losses, diagnostics });
  const toDisk = config.spool !== undefined && !config.worker;
  const turns = createTurns(toDisk ? SLICE_TO_DISK : SLICE, setImmediate);
  const rush = (): void => {
    turns.rush();
  };
  // Before delivery is made: what is encoded at the exit of the process is then stored with the rest.
  const forgetExit = config.spool === undefined ? undefined : onProcessExit(rush);
  const events = {
    ...accounts.events,
    recovered(count: number) {
      accounts.events.recovered(count);
      observe();
    },
  };
  const delivery = createClientDelivery(config, { ...deps, redaction, redactionCounters, events });
  const { onReceipt, onDrop, onQuarantine } = config;
  const wantsReceipts = onReceipt !== undefined;
  const isWatched = [onReceipt, onDrop, onQuarantine].some((callback) => callback !== undefined);
  const inFlight = createInFlight();
  const lifetime = createLifetime('process');
  const lifetimes = new Set<OwnLifetime>([lifetime]);
  let closing: Promise<void> | undefined;
  let stopObserving: (() => void) | undefined;

  function parked(): ParkReason | undefined {
    const { halted } = delivery.state();
    return halted === undefined ? undefined : parkReason(halted);
  }

  function lose(account: number, reason: DropReason, { summary, detail }: Loss): Lost {
    const fate: Lost = { kind: 'dropped', reason, failure: { detail, status: undefined } };
    accounts.settle(fate, account, summary);
    return fate;
  }

  /** From the first event on: the SDK registers its provider after exporters are made. */
  function observe(): void {
    stopObserving ??= observeSpool(config.meterProvider, () => {
      const { events = 0, bytes = 0, oldestAgeMs } = delivery.state().spool ?? {};
      return { events, bytes, oldestAgeMs, parked: parked() };
    });
  }

  function finish(): void {
    for (const each of lifetimes) each.finish();
  }

  async function end(ms: number): Promise<void> {
    forgetExit?.();
    finish();
    const until = clock.now() + ms;
    const limit = { ms, hold: 'process' } as const;
    const inTime = await endsWithin(clock, inFlight.settled(), limit);
    if (!inTime) for (const each of lifetimes) each.abort('shutdown');
    await inFlight.settled();
    await delivery.close(until - clock.now());
    for (const each of lifetimes) each.abort('shutdown');
    losses.flush();
    stopObserving?.();
  }

  return {
    ...deps,
    config,
    counters,
    lifetime,
    stats: () => ({
      ...counters.stats(parked()),
      ...delivery.state(),
      redactions: redactionCounters.snapshot(),
    }),
    enrol: (account) => accounts.enrol(account),
    parked,
    adopt(hold) {
      const adopted = createLifetime(hold);
      if (closing !== undefined) adopted.abort('shutdown');
      lifetimes.add(adopted);
      return adopted;
    },
    encode(event) {
      const redacted = redaction.event(event);
      const request = encodeRequest(redacted, sha256Hex);
      const { idempotencyKey } = request;
      // Of thousands that wait in an outage nothing is kept that nobody will ask for.
      const summary = isWatched ? { idempotencyKey, meta: redacted.meta } : NO_EVENT;
      return { request, summary };
    },
    // Field by field: what is spread has a shape of its own each time, of which thousands may wait.
    parcel: ({ account, lifetime, deadline, awaited }) => ({
      owner: account,
      lifetime,
      deadline,
      awaited,
      wantsReceipt: awaited || wantsReceipts,
      onRetry: accounts.countersOf(account).retried,
    }),
    submit({ request, summary }, parcel, done) {
      if (closing !== undefined) {
        done(lose(parcel.owner, 'shutdown', { summary, detail: 'closed' }));
        return;
      }
      if (config.spool !== undefined) observe();
      const stage = inFlight.begun();
      delivery.deliver(request, parcel, (fate) => {
        accounts.settle(fate, parcel.owner, summary);
        inFlight.ended(stage);
        done(fate);
      });
    },
    turns,
    lose: (account, reason, detail) => lose(account, reason, { summary: NO_EVENT, detail }),
    async flush() {
      rush();
      for (const each of lifetimes) each.hurry();
      // The timer keeps the process alive: those of a background send would not.
      const limit = { ms: config.deadlineMs, hold: 'process' } as const;
      const done = inFlight.settled().then(() => delivery.flush());
      await endsWithin(clock, done, limit);
    },
    resume() {
      delivery.resume();
    },
    finish,
    close(withinMs = config.shutdownTimeoutMs) {
      rush();
      closing ??= end(withinMs);
      return closing;
    },
  };
}
