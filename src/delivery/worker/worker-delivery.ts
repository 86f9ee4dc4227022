import type { ResourceLimits } from 'node:worker_threads';
import type { ClientConfig } from '../../config/resolve.ts';
import type { SpoolConfig } from '../../config/spool.ts';
import type { RedactionCounters } from '../../redact/accounting.ts';
import { endsWithin } from '../../runtime/clock.ts';
import { clockOffsetMs } from '../../runtime/thread-clock.ts';
import type { SpoolEntry } from '../../spool/spool.ts';
import type { DeliveryDeps } from '../compose.ts';
import { composeDelivery } from '../compose.ts';
import type { Delivery } from '../delivery.ts';
import { heldBytes } from '../held-bytes.ts';
import type { Lifetime } from '../lifetime.ts';
import { createCalls } from './calls.ts';
import { createDiskAccounts } from './disk-accounts.ts';
import { createDiskLedger } from './disk-ledger.ts';
import { WINDOW_BYTES, createHandover } from './handover.ts';
import { askForKey } from './key-answer.ts';
import { createLifetimeBridge } from './lifetime-bridge.ts';
import type { PendingParcel } from './pending-parcels.ts';
import { createPendingParcels } from './pending-parcels.ts';
import type { PlainCommand, ThreadConfig } from './protocol.ts';
import { createNewsReader } from './read-news.ts';
import { createRemoteState } from './remote-state.ts';
import { createRestartPolicy } from './restart-policy.ts';
import { createSettling } from './settling.ts';
import { resolveThreadFile } from './thread-file.ts';
import { createThreadLink } from './thread-link.ts';
import { startThread } from './thread.ts';

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
  const pending = createPendingParcels();
  const disk = createDiskLedger();
  const state = createRemoteState(clock);
  const tell = (command: PlainCommand): void => {
    link.tell(command, COMMAND_BYTES);
  };
  const lifetimes = createLifetimeBridge({ tell, onEnd });
  const handover = createHandover({
    post(open) {
      const lifetime = lifetimes.numberOf(open.parcel.lifetime);
      link.tell({ kind: 'parcel', lifetime, open }, open.request.bytes);
    },
    isOpen: (id) => pending.get(id) !== undefined,
    windowBytes: WINDOW_BYTES,
  });
  const settling = createSettling({
    pending,
    lifetimes,
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

  function onEnd(lifetime: Lifetime): void {
    if (local !== undefined) return;
    const run = (): void => {
      if (local === undefined) settling.dropOf(lifetime);
    };
    clock.after({ ms: GRACE_MS, hold: 'background', run });
  }

  function deliverHere(via: Delivery, { id, request, parcel }: PendingParcel): void {
    via.deliver(request, parcel, (fate) => {
      settling.settled(id, fate);
      if (fate.kind !== 'spooled') return;
      void fate.delivered?.then((told) => {
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

  const read = createNewsReader({
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
    onNews(news) {
      read(news);
      // By then the next thread has looked for what the dead one left.
      const settled = clock.now() - diedAt > FORGET_AFTER_MS;
      if (settled && news.state.spool?.events === 0) disk.emptied();
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
      lifetimes.introduceAll();
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
    deliver(request, parcel, settle) {
      if (closed || pending.bytes() + heldBytes(request) > config.maxPendingBytes) {
        const failure = {
          detail: closed ? 'closed' : 'maxPendingBytes reached',
          status: undefined,
        };
        const reason = closed ? 'shutdown' : 'queue_full';
        settle({ kind: 'dropped', reason, failure });
        return;
      }
      const open = pending.add({ request, parcel, settle });
      lifetimes.hold(parcel.lifetime);
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
