import type { Environment } from './config/environment.ts';
import type { EventSummary } from './config/options.ts';
import type { ClientConfig } from './config/resolve.ts';
import { composeDelivery } from './delivery/compose.ts';
import type { Delivery, DeliveryEvents, SendContext, SpoolState } from './delivery/delivery.ts';
import { PendingEvent, heldBytes } from './delivery/delivery.ts';
import type { SendScope } from './delivery/send-scope.ts';
import { InFlight, OwnSendScope } from './delivery/send-scope.ts';
import type { DropReason, Lost, Outcome, ParkReason } from './outcome.ts';
import { HALT_REASONS, lost } from './outcome.ts';
import type { AuditEvent } from './record/event.ts';
import type { RedactionStats } from './redact/accounting.ts';
import { createRedactionCounters } from './redact/accounting.ts';
import { sha256Hex } from './redact/digest.ts';
import type { Redaction } from './redact/redactor.ts';
import { createRedaction } from './redact/redactor.ts';
import { keylessWarning } from './redact/resolve.ts';
import type { Clock } from './runtime/clock.ts';
import { endsWithin } from './runtime/clock.ts';
import type { Diagnostics } from './runtime/diagnostics.ts';
import type { Ids } from './runtime/process.ts';
import type { OpenClient } from './runtime/open-clients.ts';
import { LAST_WORD_MS, enlist } from './runtime/open-clients.ts';
import { onProcessExit } from './runtime/process.ts';
import type { TimeSlices } from './runtime/time-slices.ts';
import { createTimeSlices } from './runtime/time-slices.ts';
import type { Stats } from './telemetry/counters.ts';
import { Counters, LossReport, callSafely } from './telemetry/counters.ts';
import { observeSpool } from './telemetry/metrics.ts';
import type { WireRequest } from './wire/request.ts';
import { encodeRequest } from './wire/request.ts';
import type { ThreadChoice } from './worker/main-side.ts';
import { WorkerDelivery } from './worker/main-side.ts';
import { AsyncResource } from 'node:async_hooks';

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

/** What a client reaches of the outside world. */
export interface CoreDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly diagnostics: Diagnostics;
  readonly env: NodeJS.ProcessEnv;
  /** In which thread to deliver, with `worker: true`. */
  readonly thread?: ThreadChoice;
}

/** Records that are mapped, redacted and encoded before others get their turn: about 0.2 ms. */
const SLICE = 16;
/** The same before a spool on this thread: a whole batch shares a commit, and commits are few. */
const SLICE_TO_DISK = 512;

const NO_EVENT: EventSummary = { idempotencyKey: '', meta: {} };

/**
 * One client, wired together: what it and the exporters that share it stand on; not public.
 *
 * - Every event that was counted as emitted ends under exactly one name of the counters.
 * - `done` of an event is called once, whatever happens; after `close` with `shutdown`.
 * - `close` ends within its time: a last attempt for what waits, then the end for what is left.
 */
export class ClientCore implements OpenClient {
  readonly config: ClientConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly diagnostics: Diagnostics;
  /** The account of the client itself; it counts what those of its exporters count. */
  readonly counters: Counters = new Counters();
  /** The scope of the client itself. */
  readonly scope: OwnSendScope = new OwnSendScope('process');
  /** Maps and encodes long batches in slices. */
  readonly slices: TimeSlices;
  readonly #redactionCounters = createRedactionCounters();
  readonly #redaction: Redaction;
  readonly #accounts: Accounts;
  readonly #delivery: Delivery;
  readonly #inFlight = new InFlight();
  readonly #scopes = new Set<OwnSendScope>([this.scope]);
  readonly #forgetExit: (() => void) | undefined;
  readonly #isWatched: boolean;
  readonly #context = new AsyncResource('ImmutableLogClient');
  readonly #delist: () => void;
  #stopObserving: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #isBegun = false;

  constructor(config: ClientConfig, deps: CoreDeps) {
    const { clock, ids, diagnostics } = deps;
    const { onReceipt, onDrop, onQuarantine } = config;
    this.config = config;
    this.clock = clock;
    this.ids = ids;
    this.diagnostics = diagnostics;
    this.#redaction = createRedaction(config.redaction, this.#redactionCounters);
    this.#accounts = new Accounts(config, this.counters, deps);
    this.#isWatched = [onReceipt, onDrop, onQuarantine].some((callback) => callback !== undefined);
    const toDisk = config.spool !== undefined && !config.worker;
    this.slices = createTimeSlices(toDisk ? SLICE_TO_DISK : SLICE, setImmediate);
    // Before delivery is made: what is encoded at the exit of the process is then stored with the rest.
    if (config.spool !== undefined) {
      this.#forgetExit = onProcessExit(() => {
        this.slices.runNow();
      });
    }
    this.#delivery = this.#createDelivery(deps);
    this.#delist = enlist(this);
  }

  get shutdownTimeoutMs(): number {
    return this.config.shutdownTimeoutMs;
  }

  /**
   * Whether there is no room for so many more records: to be asked before they are mapped, which costs
   * time and memory.
   */
  isFull(records: number): boolean {
    const bytes = this.#delivery.pendingBytes() + records * heldBytes({ bytes: 0 });
    return bytes > this.config.maxPendingBytes;
  }

  /** Redacts and encodes; what it throws means that this one event cannot be sent. */
  encode(event: AuditEvent): EncodedEvent {
    const redacted = this.#redaction.event(event);
    const request = encodeRequest(redacted, sha256Hex);
    const { idempotencyKey } = request;
    // Of thousands that wait in an outage nothing is kept that nobody will ask for.
    const summary = this.#isWatched ? { idempotencyKey, meta: redacted.meta } : NO_EVENT;
    return { request, summary };
  }

  /** What events are sent under; to be made once for a batch. */
  context({ sourceId, scope, deadline, awaited }: Limits): SendContext {
    // Field by field: what is spread has a shape of its own each time, of which thousands may wait.
    return {
      sourceId,
      scope,
      deadline,
      awaited,
      wantsReceipt: awaited || this.config.onReceipt !== undefined,
      onRetry: this.#accounts.of(sourceId).retried,
    };
  }

  /** Hands over an event that was counted as emitted; `done` is called once and must not throw. */
  submit(
    { request, summary }: EncodedEvent,
    context: SendContext,
    done: (outcome: Outcome) => void,
  ): void {
    const { sourceId } = context;
    if (!this.#isBegun) this.#begin();
    if (this.#closing !== undefined) {
      done(this.#lose(sourceId, lost('shutdown', 'closed'), summary));
      return;
    }
    const stage = this.#inFlight.begun();
    const settled = (outcome: Outcome): void => {
      this.#accounts.settle(outcome, sourceId, summary);
      this.#inFlight.ended(stage);
      done(outcome);
    };
    const event = new PendingEvent(request, context, settled);
    this.#context.runInAsyncScope(sendOver, this.#delivery, event);
  }

  /**
   * Does a piece of work in the context in which the client was made: what outlives a call (sockets,
   * timers, callbacks) is not to run in that of some request, and hold what that holds.
   */
  inOwnContext<T>(work: () => T): T {
    return this.#context.runInAsyncScope(work);
  }

  /** Counts a piece of work as under way that comes before an event is handed over. */
  async during(work: Promise<void>): Promise<void> {
    const stage = this.#inFlight.begun();
    await work;
    this.#inFlight.ended(stage);
  }

  isBusy(): boolean {
    return this.#inFlight.any;
  }

  /**
   * Ends the waits under way and resolves when everything handed in so far is settled; with a spool,
   * when it is on disk and, as far as traffic flows, in the ledger.
   */
  async flush(): Promise<void> {
    await this.settle(this.config.deadlineMs);
  }

  lost(): number {
    return this.counters.lost;
  }

  async settle(withinMs: number): Promise<boolean> {
    this.slices.runNow();
    this.inOwnContext(() => {
      for (const each of this.#scopes) each.hurry();
    });
    // The timer keeps the process alive: those of a background send would not.
    const limit = { ms: withinMs, hold: 'process' } as const;
    const done = this.#inFlight.settled().then(() => this.#delivery.flush());
    return endsWithin(this.clock, done, limit);
  }

  /** Lets traffic flow again after the ledger stopped it. */
  resume(): void {
    this.inOwnContext(() => {
      this.#delivery.resume();
    });
  }

  /** From now on each event gets one attempt and no other. */
  finish(): void {
    this.inOwnContext(() => {
      for (const each of this.#scopes) each.finish();
    });
  }

  /** Ends everything within so many ms. Idempotent. */
  close(withinMs: number = this.config.shutdownTimeoutMs): Promise<void> {
    this.slices.runNow();
    this.#closing ??= this.inOwnContext(() => this.#end(withinMs));
    return this.#closing;
  }

  async #end(ms: number): Promise<void> {
    this.#forgetExit?.();
    this.finish();
    const until = this.clock.now() + ms;
    const inTime = await endsWithin(this.clock, this.#inFlight.settled(), { ms, hold: 'process' });
    if (!inTime) this.#abort();
    const lastWord = { ms: LAST_WORD_MS, hold: 'process' } as const;
    await endsWithin(this.clock, this.#inFlight.settled(), lastWord);
    await this.#delivery.close(until - this.clock.now());
    this.#abort();
    this.#accounts.flush();
    this.#stopObserving?.();
    this.#delist();
  }

  #abort(): void {
    for (const each of this.#scopes) each.abort('shutdown');
  }

  /** Opens an account for an exporter; its number stands for it where events are handed over. */
  enrol(counters: Counters): number {
    return this.#accounts.enrol(counters);
  }

  /** A scope that ends with the client at the latest. */
  adopt(hold: SendScope['hold']): OwnSendScope {
    const adopted = new OwnSendScope(hold);
    if (this.#closing !== undefined) adopted.abort('shutdown');
    this.#scopes.add(adopted);
    return adopted;
  }

  /** Counts and reports an event that is lost before it could be handed over. */
  lose(sourceId: number, reason: DropReason, detail: string): Lost {
    return this.#lose(sourceId, lost(reason, detail), NO_EVENT);
  }

  #lose(sourceId: number, outcome: Lost, summary: EventSummary): Lost {
    this.inOwnContext(() => {
      this.#accounts.settle(outcome, sourceId, summary);
    });
    return outcome;
  }

  stats(): ClientStats {
    return {
      ...this.counters.stats(this.parked()),
      ...this.#delivery.state(),
      redactions: this.#redactionCounters.snapshot(),
    };
  }

  /** Why nothing on disk is sent; `undefined` while traffic flows. */
  parked(): ParkReason | undefined {
    const { halted } = this.#delivery.state();
    return halted === undefined ? undefined : HALT_REASONS[halted];
  }

  /** On this thread, or in one of its own. */
  #createDelivery({ clock, ids, diagnostics, env, thread }: CoreDeps): Delivery {
    const { config } = this;
    const events = this.#accounts.events(() => {
      this.#observe();
    });
    const wantsReceipts = config.onReceipt !== undefined;
    const redactText = (text: string): string => this.#redaction.text(text);
    const deps = { clock, ids, diagnostics, events, wantsReceipts, redactText };
    if (!config.worker) return composeDelivery(config, deps);
    return new WorkerDelivery(
      config,
      { ...deps, env, redactions: this.#redactionCounters },
      thread,
    );
  }

  /** What waits for the first event: by then the SDK has brought its logger and its providers. */
  #begin(): void {
    this.#isBegun = true;
    this.diagnostics.catchUp?.();
    if (this.config.spool !== undefined) this.#observe();
  }

  /** From the first event on: the SDK registers its provider after exporters are made. */
  #observe(): void {
    this.#stopObserving ??= observeSpool(this.config.meterProvider, () => {
      const { spool } = this.#delivery.state();
      const { events = 0, bytes = 0, quarantineBytes = 0, oldestAgeMs } = spool ?? {};
      return { events, bytes, quarantineBytes, oldestAgeMs, parked: this.parked() };
    });
  }
}

function sendOver(this: Delivery, event: PendingEvent): void {
  this.send(event);
}

type CallbackName = 'onReceipt' | 'onDrop' | 'onQuarantine';

/** Counts what becomes of events, on the account of their source, and tells the callbacks. */
class Accounts {
  readonly #config: Pick<ClientConfig, CallbackName>;
  readonly #root: Counters;
  readonly #diagnostics: Diagnostics;
  readonly #losses: LossReport;
  readonly #enrolled: Counters[];

  constructor(
    config: Pick<ClientConfig, CallbackName>,
    root: Counters,
    { clock, diagnostics }: Pick<CoreDeps, 'clock' | 'diagnostics'>,
  ) {
    this.#config = config;
    this.#root = root;
    this.#diagnostics = diagnostics;
    this.#losses = new LossReport(clock, diagnostics);
    this.#enrolled = [root];
  }

  enrol(counters: Counters): number {
    return this.#enrolled.push(counters) - 1;
  }

  of(sourceId: number): Counters {
    return this.#enrolled[sourceId] ?? this.#root;
  }

  /** How handing over an event ended. */
  settle(outcome: Outcome, sourceId: number, summary: EventSummary): void {
    const { onReceipt, onDrop } = this.#config;
    const counters = this.of(sourceId);
    switch (outcome.kind) {
      case 'accepted':
        counters.accepted(outcome.receipt);
        this.#tell('onReceipt', onReceipt && (() => onReceipt(outcome.receipt, summary)));
        return;
      case 'spooled':
        counters.stored();
        return;
      case 'dropped':
        counters.dropped(outcome.reason);
        this.#losses.lost(outcome.reason, outcome.failure.detail);
        this.#tell('onDrop', onDrop && (() => onDrop(outcome.reason, summary)));
    }
  }

  /** What becomes of events that were on disk. */
  events(onRecovered: () => void): DeliveryEvents {
    const { onReceipt, onQuarantine } = this.#config;
    return {
      delivered: (sourceId, receipt, summary) => {
        this.of(sourceId).delivered(receipt);
        this.#tell('onReceipt', onReceipt && (() => onReceipt(receipt, summary())));
      },
      quarantined: (sourceId, status, summary) => {
        this.of(sourceId).quarantined();
        this.#tell('onQuarantine', onQuarantine && (() => onQuarantine(status, summary())));
      },
      retried: (sourceId) => {
        this.of(sourceId).retried();
      },
      recovered: (count) => {
        this.#root.recovered(count);
        onRecovered();
      },
    };
  }

  /** Tells of the losses that have not been told yet. */
  flush(): void {
    this.#losses.flush();
  }

  /** Calls one of the caller's functions, if there is one. */
  #tell(callback: CallbackName, call: (() => unknown) | undefined): void {
    if (call === undefined) return;
    callSafely(call, () => {
      if (this.#root.stats().callbackErrors === 0) {
        this.#diagnostics.report({ code: 'callback_failed', callback });
      }
      this.#root.callbackFailed();
    });
  }
}

// Once per process and mistake: a service often makes a client for each signal, from one setup.
const told = new Map<string, string>();

function isNews(subject: string, mistake: string): boolean {
  if (told.get(subject) === mistake) return false;
  told.set(subject, mistake);
  return true;
}

/**
 * Tells what in the setup deserves a second look: wrong variables, all in one line, and digests
 * without a key.
 */
export function reportSetup(
  diagnostics: Diagnostics,
  environment: Environment,
  { withheld, redaction }: Pick<ClientConfig, 'withheld' | 'redaction'>,
): void {
  const { variables } = environment;
  const all = [...(withheld === undefined ? [] : [withheld]), ...environment.ignored];
  const wrong = all.filter(({ variable }) => isNews(variable, variables[variable] ?? ''));
  if (wrong.length > 0) {
    const [first] = wrong;
    diagnostics.report({ code: 'variables_wrong', wrong, withheld: first === withheld });
  }
  const explanation = keylessWarning(redaction);
  if (explanation === undefined || !isNews('redact.key', 'none')) return;
  diagnostics.report({ code: 'digests_without_key', explanation });
}
