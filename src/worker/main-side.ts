import type { ClientConfig, SpoolConfig } from '../config/resolve.ts';
import type { ApiKeyProvider } from '../config/values.ts';
import { parseApiKey } from '../config/values.ts';
import type { DeliveryDeps } from '../delivery/compose.ts';
import { composeDelivery } from '../delivery/compose.ts';
import type { Delivery, DeliveryEvents, DeliveryState } from '../delivery/delivery.ts';
import type { AwaitedOutcome, DropReason, Lost } from '../outcome.ts';
import type { SendScope } from '../delivery/send-scope.ts';
import { endReason } from '../delivery/send-scope.ts';
import { heldBytes } from '../delivery/limits.ts';
import type { RedactionCounters } from '../redact/accounting.ts';
import type { Clock } from '../runtime/clock.ts';
import { clockOffsetMs, endsWithin } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import { runAsOwn } from '../runtime/suppress-tracing.ts';
import type { SpoolEntry } from '../spool/spool.ts';
import type { DiskLedger } from './disk-ledger.ts';
import { createDiskAccounts, createDiskLedger } from './disk-ledger.ts';
import type { ScopeBridge } from './send-scopes.ts';
import { createScopeBridge } from './send-scopes.ts';
import type { PendingEvent, PendingEvents } from './pending.ts';
import { WINDOW_BYTES, createHandover, createPendingEvents } from './pending.ts';
import type {
  KeyAnswer,
  ReportBatch,
  PlainCommand,
  RemoteOutcome,
  Report,
  ThreadConfig,
} from './protocol.ts';
import { createRestartPolicy, createThreadLink, resolveThreadFile, startThread } from './thread.ts';
import type { ResourceLimits } from 'node:worker_threads';

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
      void work().then(() => {
        for (const { resolve } of ended) resolve();
      });
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

/** Asks the function that gives the API key, on the thread it belongs to. Never rejects. */
export async function askForKey(provider: ApiKeyProvider): Promise<KeyAnswer> {
  try {
    // What it logs or requests must not become events: it is asked for each of them while it fails.
    const key = parseApiKey(await runAsOwn(provider));
    return key === undefined ? { kind: 'unusable' } : { kind: 'key', key };
  } catch {
    return { kind: 'failed' };
  }
}

export interface SettlingDeps {
  readonly pending: PendingEvents;
  readonly scopes: ScopeBridge;
  readonly disk: DiskLedger;
  /** The thread need not answer for it any more. */
  readonly freed: (open: PendingEvent) => void;
}

/** Gives events their outcomes; what was settled before stays as it was. */
export interface Settling {
  /** Handing it over ended. */
  settled(id: number, outcome: RemoteOutcome): void;
  /** What came of one that is on disk. */
  told(id: number, outcome: AwaitedOutcome): void;
  /** The ledger took it, and there is nothing more to say. */
  accepted(id: number): void;
  /** Gives up those that depend on a scope. */
  dropOf(scope: SendScope): void;
  /** Gives up all. */
  dropAll(): void;
}

function lost(reason: DropReason): Lost {
  return { kind: 'dropped', reason, failure: { detail: 'no answer in time', status: undefined } };
}

export function createSettling({ pending, scopes, disk, freed }: SettlingDeps): Settling {
  function remove(open: PendingEvent): void {
    pending.remove(open);
    scopes.release(open.context.scope);
    freed(open);
  }

  function stored(open: PendingEvent): void {
    // One that is stored once more, because its thread died, was settled before.
    if (open.tell !== undefined) return;
    disk.stored(open.context.sourceId);
    if (open.context.awaited) {
      const delivered = new Promise<AwaitedOutcome>((resolve) => {
        pending.awaitDelivery(open, resolve);
      });
      freed(open);
      open.settle({ kind: 'spooled', delivered });
    } else {
      remove(open);
      open.settle({ kind: 'spooled', delivered: undefined });
    }
  }

  function end(open: PendingEvent, outcome: Exclude<RemoteOutcome, { kind: 'spooled' }>): void {
    remove(open);
    if (open.tell === undefined) open.settle(outcome);
    else open.tell(outcome);
  }

  return {
    settled(id, outcome) {
      const open = pending.get(id);
      if (open === undefined) return;
      if (outcome.kind === 'spooled') stored(open);
      else end(open, outcome);
    },
    told(id, outcome) {
      const open = pending.get(id);
      if (open?.tell === undefined) return;
      remove(open);
      open.tell(outcome);
    },
    accepted(id) {
      const open = pending.get(id);
      if (open === undefined) return;
      const { idempotencyKey, requestId } = open.request;
      const receipt = {
        txId: undefined,
        payloadHash: undefined,
        duplicate: false,
        requestId,
        status: undefined,
        idempotencyKey,
      };
      end(open, { kind: 'accepted', receipt });
    },
    dropOf(scope) {
      for (const open of pending.all()) {
        if (open.context.scope === scope) end(open, lost(endReason(scope)));
      }
    },
    dropAll() {
      for (const open of pending.all()) end(open, lost('shutdown'));
    },
  };
}

/** Whom reports concern. */
export interface ReportReaderDeps {
  readonly pending: PendingEvents;
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
    for (const id of repeated) pending.get(id)?.context.onRetry();
    for (const id of accepted) settling.accepted(id);
    for (const id of stored) settling.settled(id, { kind: 'spooled' });
    for (const report of reports) read(report);
  };
}

/** Time in ms that the thread may take to answer on top of what it was given. */
const GRACE_MS = 500;
/** Bytes of a message that carries no event, roughly. */
const COMMAND_BYTES = 64;
/** Time in ms after which a death leaves no traces on disk that nobody has seen. */
const FORGET_AFTER_MS = 150_000;

/** What delivery from a thread reaches of the outside world. */
export interface WorkerDeliveryDeps extends DeliveryDeps {
  /** Counts what is taken out of the words of the ledger. */
  readonly redactions: RedactionCounters;
  /** Puts events on disk, blocking, when the process exits. */
  readonly storeNow: (config: SpoolConfig, entries: readonly SpoolEntry[]) => void;
}

/** The thread itself; by default the package's own file, with room for all it holds at once. */
export interface ThreadChoice {
  readonly file?: URL;
  readonly resourceLimits?: ResourceLimits;
}

function threadConfig(config: ClientConfig): ThreadConfig {
  const { endpoint, headers, timeoutMs, retry, concurrency } = config;
  const { maxPendingBytes, quotaProbeMs, redaction, spool } = config;
  const limits = { timeoutMs, retry, concurrency, maxPendingBytes, quotaProbeMs };
  return { endpoint, headers, ...limits, redaction, spool };
}

// Far more than the window of events takes. What is young dies young: every event is copied into
// the thread, and a small nursery would copy it twice more.
const RESOURCE_LIMITS: ResourceLimits = {
  maxOldGenerationSizeMb: 256,
  maxYoungGenerationSizeMb: 96,
};

/**
 * Delivery in a thread of its own: everything from the encoded event to the socket.
 *
 * - Every event stays here until the thread has settled or stored it. When the thread dies,
 *   another is started, and what is open is handed over again, under the same keys.
 * - Where there is no thread to be had, or it dies again and again, delivery goes on on the main
 *   thread, with one warning.
 * - The thread keeps the process alive exactly as its work would on the main thread.
 */
export function createWorkerDelivery(
  config: ClientConfig,
  deps: WorkerDeliveryDeps,
  choice: ThreadChoice = {},
): Delivery {
  const { clock, diagnostics } = deps;
  const pending = createPendingEvents();
  const disk = createDiskLedger();
  const state = createRemoteState(clock);
  const tell = (command: PlainCommand): void => {
    link.tell(command, COMMAND_BYTES);
  };
  const scopes = createScopeBridge({ tell, onEnd });
  const handover = createHandover({
    post(open) {
      const scope = scopes.numberOf(open.context.scope);
      link.tell({ kind: 'event', scope, open }, open.request.bytes);
    },
    isOpen: (id) => pending.get(id) !== undefined,
    windowBytes: WINDOW_BYTES,
  });
  const settling = createSettling({
    pending,
    scopes,
    disk,
    freed: (open) => {
      handover.freed(open);
    },
  });
  const calls = createCalls(tell);
  const accounts = createDiskAccounts({
    disk,
    events: deps.events,
    diagnostics,
    holds: (key) => pending.holds(key),
  });
  let local: Delivery | undefined;
  let closed = false;
  let diedAt = clock.now();

  function onEnd(scope: SendScope): void {
    if (local !== undefined) return;
    const run = (): void => {
      if (local === undefined) settling.dropOf(scope);
    };
    clock.after({ ms: GRACE_MS, hold: 'background', run });
  }

  function deliverHere(via: Delivery, { id, request, context }: PendingEvent): void {
    via.deliver(request, context, (outcome) => {
      settling.settled(id, outcome);
      if (outcome.kind !== 'spooled') return;
      void outcome.delivered?.then((told) => {
        settling.told(id, told);
      });
    });
  }

  function goOnHere(detail: string): void {
    diagnostics.report({ code: 'worker_unavailable', detail });
    const here = composeDelivery(config, { ...deps, ...accounts });
    local = here;
    for (const open of pending.all()) deliverHere(here, open);
    calls.endWith(() => here.flush());
  }

  const read = createReportReader({
    pending,
    settling,
    state,
    ...accounts,
    redactions: deps.redactions,
    onAsk: (id) => {
      void askForKey(config.apiKey).then((answer) => {
        tell({ kind: 'key', id, answer });
      });
    },
    onDone: (id) => {
      calls.done(id);
    },
  });

  const setup = {
    config: threadConfig(config),
    clockOffsetMs: clockOffsetMs(clock),
    receipts: config.onReceipt !== undefined,
  };
  const link = createThreadLink({
    clock,
    policy: createRestartPolicy(),
    start: (listener) => {
      const { file = resolveThreadFile(), resourceLimits = RESOURCE_LIMITS } = choice;
      return startThread({ file, setup, env: deps.env, resourceLimits }, listener);
    },
    onReports(batch) {
      read(batch);
      // By then the next thread has looked for what the dead one left.
      const settled = clock.now() - diedAt > FORGET_AFTER_MS;
      if (settled && batch.state.spool?.events === 0) disk.emptied();
    },
    onDeath() {
      diedAt = clock.now();
      disk.died(pending.all().map(({ request }) => request.idempotencyKey));
      if (closed) calls.endWith(() => Promise.resolve());
    },
    onRestart(detail) {
      diagnostics.report({ code: 'worker_died', detail });
    },
    onReplaced() {
      scopes.introduceAll();
      handover.restart(pending.all());
      calls.repeat();
    },
    onGivenUp: goOnHere,
  });

  const { spool } = config;
  const forgetExit =
    spool === undefined
      ? (): void => {}
      : deps.onExit(() => {
          // What the thread is storing right now may be on disk twice then, under one key.
          if (local === undefined) deps.storeNow(spool, pending.notStored());
        });

  return {
    deliver(request, context, settle) {
      if (closed || pending.bytes() + heldBytes(request) > config.maxPendingBytes) {
        const failure = {
          detail: closed ? 'closed' : 'maxPendingBytes reached',
          status: undefined,
        };
        const reason = closed ? 'shutdown' : 'queue_full';
        settle({ kind: 'dropped', reason, failure });
        return;
      }
      const open = pending.add({ request, context, settle });
      scopes.hold(context.scope);
      if (local === undefined) handover.add(open);
      else deliverHere(local, open);
    },
    state: () => ({ ...(local?.state() ?? state.now()), pendingBytes: pending.bytes() }),
    resume() {
      state.resumed();
      tell({ kind: 'resume' });
      local?.resume();
    },
    flush() {
      if (local !== undefined) return local.flush();
      return config.spool === undefined ? Promise.resolve() : calls.make({ kind: 'flush' });
    },
    async close(limitMs) {
      closed = true;
      if (local !== undefined) await local.close(limitMs);
      else if (config.spool !== undefined) {
        const limit = { ms: Math.max(0, limitMs) + GRACE_MS, hold: 'process' } as const;
        await endsWithin(clock, calls.make({ kind: 'close', limitMs }), limit);
      }
      await endsWithin(clock, link.stop(), { ms: GRACE_MS, hold: 'process' });
      settling.dropAll();
      forgetExit();
    },
  };
}
