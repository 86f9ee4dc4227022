import type { Environment } from './config/environment.ts';
import type { EventSummary } from './config/options.ts';
import type { ClientConfig } from './config/resolve.ts';
import type { DeliveryDeps } from './delivery/compose.ts';
import { composeDelivery } from './delivery/compose.ts';
import type { Delivery, DeliveryEvents, SendContext, SpoolState } from './delivery/delivery.ts';
import type { DropReason, Lost, Outcome, ParkReason } from './outcome.ts';
import { parkReason } from './outcome.ts';
import type { SendScope, OwnSendScope } from './delivery/send-scope.ts';
import { createInFlight, createSendScope } from './delivery/send-scope.ts';
import type { AuditEvent } from './record/event.ts';
import type { RedactionCounters, RedactionStats } from './redact/accounting.ts';
import { createRedactionCounters } from './redact/accounting.ts';
import { sha256Hex } from './redact/digest.ts';
import type { Redaction } from './redact/redactor.ts';
import { createRedaction } from './redact/redactor.ts';
import { keylessWarning } from './redact/resolve.ts';
import type { Clock } from './runtime/clock.ts';
import { endsWithin } from './runtime/clock.ts';
import type { Diagnostics } from './runtime/diagnostics.ts';
import type { Ids } from './runtime/process.ts';
import { onProcessExit } from './runtime/process.ts';
import type { TimeSlices } from './runtime/time-slices.ts';
import { createTimeSlices } from './runtime/time-slices.ts';
import { openSpool, storeNow } from './spool/open-spool.ts';
import type { Counters, LossReport, Stats } from './telemetry/counters.ts';
import { callSafely, createCounters, createLossReport } from './telemetry/counters.ts';
import { observeSpool } from './telemetry/metrics.ts';
import type { WireRequest } from './wire/request.ts';
import { encodeRequest } from './wire/request.ts';
import type { ThreadChoice } from './worker/main-side.ts';
import { createWorkerDelivery } from './worker/main-side.ts';

type CallbackName = 'onReceipt' | 'onDrop' | 'onQuarantine';

/** What the books of a client are kept with. */
export interface AccountsDeps {
  readonly config: Pick<ClientConfig, CallbackName>;
  /** The account of the client itself; it counts what those of its exporters count. */
  readonly root: Counters;
  readonly losses: LossReport;
  readonly diagnostics: Diagnostics;
}

/** Counts what becomes of events, on the account of their source, and tells the callbacks. */
export interface Accounts {
  /** Opens an account; its number stands for the source wherever delivery has no room for more. */
  enrol(counters: Counters): number;
  /** How handing over an event ended. */
  settle(outcome: Outcome, sourceId: number, summary: EventSummary): void;
  countersOf(sourceId: number): Counters;
  /** What becomes of events that were on disk. */
  readonly events: DeliveryEvents;
}

/** Opens the books of a client. */
export function createAccounts({ config, root, losses, diagnostics }: AccountsDeps): Accounts {
  const enrolled: Counters[] = [root];
  const countersOf = (sourceId: number): Counters => enrolled[sourceId] ?? root;

  /** Calls one of the caller's functions, if there is one. */
  function tell(callback: CallbackName, call: (() => unknown) | undefined): void {
    if (call === undefined) return;
    callSafely(call, () => {
      if (root.stats().callbackErrors === 0) {
        diagnostics.report({ code: 'callback_failed', callback });
      }
      root.callbackFailed();
    });
  }

  const { onReceipt, onDrop, onQuarantine } = config;
  return {
    enrol: (counters) => enrolled.push(counters) - 1,
    countersOf,
    settle(outcome, sourceId, summary) {
      const counters = countersOf(sourceId);
      switch (outcome.kind) {
        case 'accepted':
          counters.accepted(outcome.receipt);
          tell('onReceipt', onReceipt && (() => onReceipt(outcome.receipt, summary)));
          return;
        case 'spooled':
          counters.stored();
          return;
        case 'dropped':
          counters.dropped(outcome.reason);
          losses.lost(outcome.reason, outcome.failure.detail);
          tell('onDrop', onDrop && (() => onDrop(outcome.reason, summary)));
      }
    },
    events: {
      delivered(sourceId, receipt, summary) {
        countersOf(sourceId).delivered(receipt);
        tell('onReceipt', onReceipt && (() => onReceipt(receipt, summary())));
      },
      quarantined(sourceId, status, summary) {
        countersOf(sourceId).quarantined();
        tell('onQuarantine', onQuarantine && (() => onQuarantine(status, summary())));
      },
      retried(sourceId) {
        countersOf(sourceId).retried();
      },
      recovered(count) {
        root.recovered(count);
      },
    },
  };
}

/** What a client reaches of the outside world. */
export interface CoreDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly diagnostics: Diagnostics;
  readonly env: NodeJS.ProcessEnv;
  /** In which thread to deliver, with `worker: true`. */
  readonly thread?: ThreadChoice;
}

/** What the delivery of a client is made from, besides its options. */
export interface ClientDeliveryDeps extends CoreDeps {
  readonly events: DeliveryEvents;
  readonly redaction: Redaction;
  readonly redactionCounters: RedactionCounters;
}

/** Makes the delivery of a client: on this thread, or in one of its own. */
export function createClientDelivery(config: ClientConfig, deps: ClientDeliveryDeps): Delivery {
  const { clock, ids, diagnostics, env, events, redaction } = deps;
  const here: DeliveryDeps = {
    clock,
    random: ids.random,
    diagnostics,
    env,
    events,
    wantsReceipts: config.onReceipt !== undefined,
    redactText: (text) => redaction.text(text),
    openSpool: (spool) => openSpool(spool, { clock, ids, diagnostics }),
    onExit: onProcessExit,
  };
  if (!config.worker) return composeDelivery(config, here);
  const there = {
    ...here,
    redactions: deps.redactionCounters,
    storeNow: ({ directory }, entries) => {
      storeNow(directory, entries, { clock, ids });
    },
  } satisfies Parameters<typeof createWorkerDelivery>[1];
  return createWorkerDelivery(config, there, deps.thread);
}

// Once per process and notice: a service often makes a client for each signal, from one setup.
const told = new Set<string>();

/** Tells what in the setup deserves a second look: ignored variables, digests without a key. */
export function reportSetup(
  diagnostics: Diagnostics,
  environment: Environment,
  config: ClientConfig,
): void {
  for (const { variable, expected } of environment.ignored) {
    if (told.has(variable)) continue;
    told.add(variable);
    diagnostics.report({ code: 'environment_ignored', variable, expected });
  }
  const explanation = keylessWarning(config.redaction);
  if (explanation === undefined || told.has('digests_without_key')) return;
  told.add('digests_without_key');
  diagnostics.report({ code: 'digests_without_key', explanation });
}

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

/** From whom events come, and under which limits they are sent. */
export type Limits = Pick<SendContext, 'sourceId' | 'scope' | 'deadline' | 'awaited'>;

/** The parts of a client that its exporters share; not public. */
export interface ClientCore extends CoreDeps {
  readonly config: ClientConfig;
  readonly counters: Counters;
  /** The scope of the client itself. */
  readonly scope: OwnSendScope;
  stats(): ClientStats;
  /** Opens an account for an exporter and gives its number. */
  enrol(counters: Counters): number;
  /** Why nothing on disk is sent; `undefined` while traffic flows. */
  parked(): ParkReason | undefined;
  /** A scope that ends with the client at the latest. */
  adopt(hold: SendScope['hold']): OwnSendScope;
  /** Redacts and encodes; what it throws means that this one event cannot be sent. */
  encode(event: AuditEvent): EncodedEvent;
  /** What events are sent under; to be made once for a batch. */
  context(limits: Limits): SendContext;
  /** Hands over an event that was counted as emitted; `done` is called once and must not throw. */
  submit(event: EncodedEvent, context: SendContext, done: (outcome: Outcome) => void): void;
  /** Counts and reports an event that is lost before it could be handed over. */
  lose(sourceId: number, reason: DropReason, detail: string): Lost;
  /** Maps and encodes long batches in slices. */
  readonly slices: TimeSlices;
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
  const slices = createTimeSlices(toDisk ? SLICE_TO_DISK : SLICE, setImmediate);
  const runNow = (): void => {
    slices.runNow();
  };
  // Before delivery is made: what is encoded at the exit of the process is then stored with the rest.
  const forgetExit = config.spool === undefined ? undefined : onProcessExit(runNow);
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
  const scope = createSendScope('process');
  const scopes = new Set<OwnSendScope>([scope]);
  let closing: Promise<void> | undefined;
  let stopObserving: (() => void) | undefined;

  function parked(): ParkReason | undefined {
    const { halted } = delivery.state();
    return halted === undefined ? undefined : parkReason(halted);
  }

  function lose(sourceId: number, reason: DropReason, { summary, detail }: Loss): Lost {
    const outcome: Lost = { kind: 'dropped', reason, failure: { detail, status: undefined } };
    accounts.settle(outcome, sourceId, summary);
    return outcome;
  }

  /** From the first event on: the SDK registers its provider after exporters are made. */
  function observe(): void {
    stopObserving ??= observeSpool(config.meterProvider, () => {
      const { events = 0, bytes = 0, oldestAgeMs } = delivery.state().spool ?? {};
      return { events, bytes, oldestAgeMs, parked: parked() };
    });
  }

  function finish(): void {
    for (const each of scopes) each.finish();
  }

  async function end(ms: number): Promise<void> {
    forgetExit?.();
    finish();
    const until = clock.now() + ms;
    const limit = { ms, hold: 'process' } as const;
    const inTime = await endsWithin(clock, inFlight.settled(), limit);
    if (!inTime) for (const each of scopes) each.abort('shutdown');
    await inFlight.settled();
    await delivery.close(until - clock.now());
    for (const each of scopes) each.abort('shutdown');
    losses.flush();
    stopObserving?.();
  }

  return {
    ...deps,
    config,
    counters,
    scope,
    stats: () => ({
      ...counters.stats(parked()),
      ...delivery.state(),
      redactions: redactionCounters.snapshot(),
    }),
    enrol: (ofSource) => accounts.enrol(ofSource),
    parked,
    adopt(hold) {
      const adopted = createSendScope(hold);
      if (closing !== undefined) adopted.abort('shutdown');
      scopes.add(adopted);
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
    context: ({ sourceId, scope, deadline, awaited }) => ({
      sourceId,
      scope,
      deadline,
      awaited,
      wantsReceipt: awaited || wantsReceipts,
      onRetry: accounts.countersOf(sourceId).retried,
    }),
    submit({ request, summary }, context, done) {
      if (closing !== undefined) {
        done(lose(context.sourceId, 'shutdown', { summary, detail: 'closed' }));
        return;
      }
      if (config.spool !== undefined) observe();
      const stage = inFlight.begun();
      delivery.deliver(request, context, (outcome) => {
        accounts.settle(outcome, context.sourceId, summary);
        inFlight.ended(stage);
        done(outcome);
      });
    },
    slices,
    lose: (sourceId, reason, detail) => lose(sourceId, reason, { summary: NO_EVENT, detail }),
    async flush() {
      runNow();
      for (const each of scopes) each.hurry();
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
      runNow();
      closing ??= end(withinMs);
      return closing;
    },
  };
}
