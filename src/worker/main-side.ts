import type { ClientConfig } from '../config/resolve.ts';
import { composeDelivery } from '../delivery/compose.ts';
import type {
  Delivery,
  DeliveryDeps,
  DeliveryEvents,
  DeliveryState,
} from '../delivery/delivery.ts';
import { PendingEvent } from '../delivery/delivery.ts';
import { heldBytes } from '../delivery/delivery.ts';
import type { SendScope } from '../delivery/send-scope.ts';
import { askForKey } from '../delivery/token-source.ts';
import { lost } from '../outcome.ts';
import type { RedactionCounters } from '../redact/accounting.ts';
import type { Clock } from '../runtime/clock.ts';
import { clockOffsetMs, endsWithin } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import { onProcessExit } from '../runtime/process.ts';
import { storeNow } from '../spool/open-spool.ts';
import { createDiskAccounts, createDiskLedger } from './disk-ledger.ts';
import type { Handover, OpenEvent, OpenEvents, Settling } from './pending.ts';
import { WINDOW_BYTES, createHandover, createOpenEvents, createSettling } from './pending.ts';
import type { PlainCommand, Report, ReportBatch, ThreadConfig } from './protocol.ts';
import type { ScopeBridge } from './send-scopes.ts';
import { createScopeBridge } from './send-scopes.ts';
import type { ThreadLink } from './thread.ts';
import { createRestartPolicy, createThreadLink, resolveThreadFile, startThread } from './thread.ts';
import type { ResourceLimits } from 'node:worker_threads';

/** Time in ms that the thread may take to answer on top of what it was given. */
const GRACE_MS = 500;
/** Bytes of a message that carries no event, roughly. */
const COMMAND_BYTES = 64;
/** Time in ms after which a death leaves no traces on disk that nobody has seen. */
const FORGET_AFTER_MS = 150_000;

// Far more than the window of events takes. What is young dies young: every event is copied into
// the thread, and a small nursery would copy it twice more.
const RESOURCE_LIMITS: ResourceLimits = {
  maxOldGenerationSizeMb: 256,
  maxYoungGenerationSizeMb: 96,
};

/** The thread itself; by default the package's own file, with room for all it holds at once. */
export interface ThreadChoice {
  readonly file?: URL;
  readonly resourceLimits?: ResourceLimits;
}

/** What delivery from a thread reaches of the outside world. */
export interface WorkerDeliveryDeps extends DeliveryDeps {
  readonly env: NodeJS.ProcessEnv;
  /** Counts what is taken out of the words of the ledger. */
  readonly redactions: RedactionCounters;
}

/**
 * Delivery in a thread of its own: everything from the encoded event to the socket.
 *
 * - Every event stays here until the thread has settled or stored it. When the thread dies,
 *   another is started, and what is open is handed over again, under the same keys.
 * - Where there is no thread to be had, or it dies again and again, delivery goes on on the main
 *   thread, with one warning.
 * - The thread keeps the process alive exactly as its work would on the main thread.
 */
export class WorkerDelivery implements Delivery {
  readonly #config: ClientConfig;
  readonly #deps: WorkerDeliveryDeps;
  readonly #open = createOpenEvents();
  readonly #disk = createDiskLedger();
  readonly #state: RemoteState;
  readonly #scopes: ScopeBridge;
  readonly #handover: Handover;
  readonly #settling: Settling;
  readonly #calls: Calls;
  readonly #accounts: Pick<DeliveryDeps, 'events' | 'diagnostics'>;
  readonly #link: ThreadLink;
  readonly #forgetExit: (() => void) | undefined;
  /** Delivery on this thread, once there is no other to be had. */
  #local: Delivery | undefined;
  #closed = false;
  #diedAt: number;

  constructor(config: ClientConfig, deps: WorkerDeliveryDeps, choice: ThreadChoice = {}) {
    const { clock, events, diagnostics } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#diedAt = clock.now();
    this.#state = createRemoteState(clock);
    const tell = (command: PlainCommand): void => {
      this.#tell(command);
    };
    this.#scopes = createScopeBridge({
      tell,
      onEnd: (scope) => {
        this.#onScopeEnd(scope);
      },
    });
    this.#handover = createHandover({
      post: (open) => {
        const scope = this.#scopes.numberOf(open.event.context.scope);
        this.#link.tell({ kind: 'event', scope, open }, open.event.request.bytes);
      },
      isOpen: (id) => this.#open.get(id) !== undefined,
      windowBytes: WINDOW_BYTES,
    });
    this.#settling = createSettling({
      pending: this.#open,
      scopes: this.#scopes,
      disk: this.#disk,
      freed: (open) => {
        this.#handover.freed(open);
      },
    });
    this.#calls = createCalls(tell);
    this.#accounts = createDiskAccounts({
      disk: this.#disk,
      events,
      diagnostics,
      holds: (key) => this.#open.holds(key),
    });
    this.#link = this.#startThread(choice);
    this.#forgetExit = this.#storeAtExit();
  }

  send(event: PendingEvent): void {
    if (this.#closed) {
      event.end(lost('shutdown', 'closed'));
      return;
    }
    if (this.#open.bytes() + heldBytes(event.request) > this.#config.maxPendingBytes) {
      event.end(lost('queue_full', 'maxPendingBytes reached'));
      return;
    }
    const open = this.#open.add(event);
    this.#scopes.hold(event.context.scope);
    if (this.#local === undefined) this.#handover.add(open);
    else this.#deliverHere(this.#local, open);
  }

  pendingBytes(): number {
    return this.#open.bytes();
  }

  state(): DeliveryState {
    return { ...(this.#local?.state() ?? this.#state.now()), pendingBytes: this.#open.bytes() };
  }

  resume(): void {
    this.#state.resumed();
    this.#tell({ kind: 'resume' });
    this.#local?.resume();
  }

  flush(): Promise<void> {
    if (this.#local !== undefined) return this.#local.flush();
    if (this.#config.spool === undefined) return Promise.resolve();
    return this.#calls.make({ kind: 'flush' });
  }

  async close(limitMs: number): Promise<void> {
    const { clock } = this.#deps;
    this.#closed = true;
    if (this.#local !== undefined) await this.#local.close(limitMs);
    else if (this.#config.spool !== undefined) {
      const ms = Math.max(0, limitMs) + GRACE_MS;
      const call = this.#calls.make({ kind: 'close', limitMs });
      await endsWithin(clock, call, { ms, hold: 'process' });
    }
    await endsWithin(clock, this.#link.stop(), { ms: GRACE_MS, hold: 'process' });
    this.#settling.dropAll();
    this.#forgetExit?.();
  }

  #tell(command: PlainCommand): void {
    this.#link.tell(command, COMMAND_BYTES);
  }

  #startThread({ file, resourceLimits = RESOURCE_LIMITS }: ThreadChoice): ThreadLink {
    const { clock, env, diagnostics } = this.#deps;
    const setup = {
      config: threadConfig(this.#config),
      clockOffsetMs: clockOffsetMs(clock),
      receipts: this.#config.onReceipt !== undefined,
    };
    const read = this.#createReader();
    return createThreadLink({
      clock,
      policy: createRestartPolicy(),
      start: (listener) =>
        startThread({ file: file ?? resolveThreadFile(), setup, env, resourceLimits }, listener),
      onReports: (batch) => {
        read(batch);
        // By then the next thread has looked for what the dead one left.
        const settled = clock.now() - this.#diedAt > FORGET_AFTER_MS;
        if (settled && batch.state.spool?.events === 0) this.#disk.emptied();
      },
      onDeath: () => {
        this.#diedAt = clock.now();
        this.#disk.died(this.#open.all().map(({ event }) => event.request.idempotencyKey));
        if (this.#closed) this.#calls.endWith(() => Promise.resolve());
      },
      onRestart: (detail) => {
        diagnostics.report({ code: 'worker_died', detail });
      },
      onReplaced: () => {
        this.#scopes.introduceAll();
        this.#handover.restart(this.#open.all());
        this.#calls.repeat();
      },
      onGivenUp: (detail) => {
        this.#goOnHere(detail);
      },
    });
  }

  #createReader(): (batch: ReportBatch) => void {
    return createReportReader({
      pending: this.#open,
      settling: this.#settling,
      state: this.#state,
      ...this.#accounts,
      redactions: this.#deps.redactions,
      onAsk: (id) => {
        void askForKey(this.#config.apiKey).then((answer) => {
          this.#tell({ kind: 'key', id, answer });
        });
      },
      onDone: (id) => {
        this.#calls.done(id);
      },
    });
  }

  #onScopeEnd(scope: SendScope): void {
    if (this.#local !== undefined) return;
    const run = (): void => {
      if (this.#local === undefined) this.#settling.dropOf(scope);
    };
    this.#deps.clock.after({ ms: GRACE_MS, hold: 'background', run });
  }

  #goOnHere(detail: string): void {
    this.#deps.diagnostics.report({ code: 'worker_unavailable', detail });
    const here = this.#composeHere();
    this.#local = here;
    for (const open of this.#open.all()) this.#deliverHere(here, open);
    this.#calls.endWith(() => here.flush());
  }

  /** Where nothing can deliver here either, events end at once instead of waiting for nobody. */
  #composeHere(): Delivery {
    try {
      return composeDelivery(this.#config, { ...this.#deps, ...this.#accounts });
    } catch {
      return NO_DELIVERY;
    }
  }

  #deliverHere(via: Delivery, { id, event }: OpenEvent): void {
    const { request, context } = event;
    const here = new PendingEvent(request, context, (outcome) => {
      this.#settling.settled(id, outcome);
      if (outcome.kind !== 'spooled') return;
      void outcome.delivered?.then((told) => {
        this.#settling.told(id, told);
      });
    });
    via.send(here);
  }

  /** What the thread is storing right now may be on disk twice then, under one key. */
  #storeAtExit(): (() => void) | undefined {
    const { spool } = this.#config;
    if (spool === undefined) return undefined;
    return onProcessExit(() => {
      // On a disk that hangs, writing would block the end of the process for ever.
      if (this.#local !== undefined || this.#state.now().spool?.stalled === true) return;
      storeNow(spool.directory, this.#open.notStored(), this.#deps);
    });
  }
}

const NO_DELIVERY: Delivery = {
  send(event) {
    event.end(lost('unauthorized', 'nothing can be sent with these options'));
  },
  pendingBytes: () => 0,
  state: () => ({ pendingBytes: 0, halted: 'misconfigured', spool: undefined }),
  resume: () => {},
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

function threadConfig(config: ClientConfig): ThreadConfig {
  const { endpoint, proxy, withheld, headers, timeoutMs, retry, concurrency } = config;
  const { maxPendingBytes, quotaProbeMs, redaction, spool } = config;
  const limits = { timeoutMs, retry, concurrency, maxPendingBytes, quotaProbeMs };
  return { endpoint, proxy, withheld, headers, ...limits, redaction, spool };
}

/** A command that is answered when it is done. */
export type Call =
  | { readonly kind: 'flush' }
  | { readonly kind: 'close'; readonly limitMs: number };

export interface Calls {
  /** Makes a call; resolves when it is done. */
  make(call: Call): Promise<void>;
  done(id: number): void;
  /** Makes the open ones again, for a new thread. */
  repeat(): void;
  /** Ends the open ones otherwise: each ends when the given work does. */
  endWith(work: () => Promise<void>): void;
}

export function createCalls(tell: (command: PlainCommand) => void): Calls {
  const open = new Map<number, { readonly call: Call; readonly resolve: () => void }>();
  let lastId = 0;
  return {
    make(call) {
      const id = (lastId += 1);
      return new Promise((resolve) => {
        open.set(id, { call, resolve });
        tell({ ...call, id });
      });
    },
    done(id) {
      open.get(id)?.resolve();
      open.delete(id);
    },
    repeat() {
      for (const [id, { call }] of open) tell({ ...call, id });
    },
    endWith(work) {
      const ended = [...open.values()];
      open.clear();
      if (ended.length === 0) return;
      const resolveAll = (): void => {
        for (const { resolve } of ended) resolve();
      };
      work().then(resolveAll, resolveAll);
    },
  };
}

/** The state of the delivery in the thread, as far as it was told. */
export interface RemoteState {
  /** It was this at that time, ms. */
  update(state: DeliveryState, at: number): void;
  /** A halt was lifted; the thread will say so too. */
  resumed(): void;
  now(): Omit<DeliveryState, 'pendingBytes'>;
}

export function createRemoteState(clock: Clock): RemoteState {
  let known: Omit<DeliveryState, 'pendingBytes'> = { halted: undefined, spool: undefined };
  let knownAt = 0;
  return {
    update({ halted, spool }, at) {
      known = { halted, spool };
      knownAt = at;
    },
    resumed() {
      known = { ...known, halted: undefined };
    },
    now() {
      const { halted, spool } = known;
      if (spool?.oldestAgeMs === undefined) return known;
      const oldestAgeMs = spool.oldestAgeMs + Math.max(0, clock.now() - knownAt);
      return { halted, spool: { ...spool, oldestAgeMs } };
    },
  };
}

/** Whom reports concern. */
export interface ReportReaderDeps {
  readonly pending: OpenEvents;
  readonly settling: Settling;
  readonly state: RemoteState;
  readonly events: DeliveryEvents;
  readonly diagnostics: Diagnostics;
  readonly redactions: RedactionCounters;
  /** The thread asks for the API key. */
  readonly onAsk: (id: number) => void;
  /** A call ended. */
  readonly onDone: (id: number) => void;
}

type Readers = {
  readonly [Kind in Report['kind']]: (report: Extract<Report, { readonly kind: Kind }>) => void;
};

function createReaders(deps: ReportReaderDeps): Readers {
  const { settling, events, redactions } = deps;
  return {
    settled: ({ id, outcome }) => {
      settling.settled(id, outcome);
    },
    told: ({ id, outcome }) => {
      settling.told(id, outcome);
    },
    delivered: ({ sourceId, receipt, summary }) => {
      const { idempotencyKey } = receipt;
      events.delivered(sourceId, receipt, () => summary ?? { idempotencyKey, meta: {} });
    },
    quarantined: ({ sourceId, status, summary }) => {
      events.quarantined(sourceId, status, () => summary);
    },
    retried: ({ sourceId }) => {
      events.retried(sourceId);
    },
    recovered: ({ count }) => {
      events.recovered(count);
    },
    notice: ({ notice }) => {
      deps.diagnostics.report(notice);
    },
    ask: ({ id }) => {
      deps.onAsk(id);
    },
    done: ({ id }) => {
      deps.onDone(id);
    },
    redacted: ({ action, dataClass }) => {
      redactions.count(action, dataClass);
    },
    redaction_failed: () => {
      redactions.error();
    },
    redaction_cut: () => {
      redactions.cut();
    },
  };
}

export function createReportReader(deps: ReportReaderDeps): (batch: ReportBatch) => void {
  const { pending, settling, state } = deps;
  const readers = createReaders(deps);

  function read(report: Report): void {
    // The table has a function for exactly this kind; the compiler cannot see that they belong.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const reader = readers[report.kind] as (report: Report) => void;
    reader(report);
  }

  return ({ repeated, accepted, stored, reports, state: told, at }) => {
    state.update(told, at);
    for (const id of repeated) pending.get(id)?.event.context.onRetry();
    for (const id of accepted) settling.accepted(id);
    for (const id of stored) settling.settled(id, { kind: 'spooled' });
    for (const report of reports) read(report);
  };
}
