import type { ClientConfig, SpoolConfig } from '../config/resolve.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import type { Spool } from '../spool/spool.ts';
import type { Delivery, DeliveryEvents, Transport } from './delivery.ts';
import { createDrain } from './drain.ts';
import { outcomeOf } from '../outcome.ts';
import type { HaltingTransport } from './halt.ts';
import { withHalt } from './halt.ts';
import { createSendScope } from './send-scope.ts';
import type { PendingTransport } from './limits.ts';
import { withConcurrency, withPendingLimit } from './limits.ts';
import { withRetry } from './retry.ts';
import {
  createDrainEvents,
  createSourceLog,
  createSpooledDelivery,
  createWaiters,
} from './spooled-delivery.ts';
import { createTokenSource } from './token-source.ts';
import { createTraffic } from './traffic.ts';
import { createDispatcher, createUndiciTransport } from './undici.ts';

/** What delivers without a spool. */
export interface MemoryParts {
  /** The whole chain. */
  readonly chain: PendingTransport;
  /** The part of the chain that stops all traffic. */
  readonly halting: HaltingTransport;
  /** Closes the sockets. */
  readonly closeSockets: () => Promise<void>;
}

/** Delivery that holds events in memory until the ledger has decided, or their time is over. */
export function createMemoryDelivery({ chain, halting, closeSockets }: MemoryParts): Delivery {
  return {
    deliver(request, context, done) {
      chain.send(request, context, (outcome) => {
        done(outcomeOf(outcome));
      });
    },
    state: () => ({
      pendingBytes: chain.pendingBytes(),
      halted: halting.halted(),
      spool: undefined,
    }),
    resume() {
      halting.resume();
    },
    flush: () => Promise.resolve(),
    close: closeSockets,
  };
}

/** The options that delivery is made from. */
export type DeliveryConfig = Pick<
  ClientConfig,
  | 'apiKey'
  | 'endpoint'
  | 'headers'
  | 'timeoutMs'
  | 'retry'
  | 'concurrency'
  | 'maxPendingBytes'
  | 'quotaProbeMs'
  | 'spool'
  | 'dispatcher'
>;

/** What delivery reaches of the outside world. */
export interface DeliveryDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly diagnostics: Diagnostics;
  readonly env: NodeJS.ProcessEnv;
  readonly events: DeliveryEvents;
  /** Whether each receipt is told on. */
  readonly wantsReceipts: boolean;
  /** Takes personal data out of the words of the ledger. */
  readonly redactText: (text: string) => string;
  readonly openSpool: (config: SpoolConfig) => Spool;
  readonly onExit: (run: () => void) => () => void;
}

/** One attempt, and what stops all of them. */
interface Attempts {
  readonly halting: HaltingTransport;
  readonly closeSockets: () => Promise<void>;
}

function composeAttempts(config: DeliveryConfig, deps: DeliveryDeps): Attempts {
  const { clock, diagnostics } = deps;
  const { dispatcher, close } = createDispatcher(config, deps.env);
  const tokens = createTokenSource(config.apiKey, clock);
  const { endpoint, headers, timeoutMs, quotaProbeMs } = config;
  const undici = createUndiciTransport({
    dispatcher,
    endpoint,
    headers,
    tokens,
    clock,
    timeoutMs,
  });
  const onMisconfigured = tokens.forget;
  const halting = withHalt(undici, { clock, quotaProbeMs, diagnostics, onMisconfigured });
  return { halting, closeSockets: close };
}

function composeMemory(config: DeliveryConfig, deps: DeliveryDeps, attempts: Attempts): Delivery {
  const { clock, random } = deps;
  const retrying = withRetry(attempts.halting, config.retry, { clock, random });
  const concurrent = withConcurrency(retrying, config.concurrency);
  const chain = withPendingLimit(concurrent, config.maxPendingBytes);
  return createMemoryDelivery({ chain, ...attempts });
}

interface DrainedParts {
  readonly spool: Spool;
  readonly transport: HaltingTransport & Transport;
  readonly memory: Delivery;
}

function composeSpooled(config: DeliveryConfig, deps: DeliveryDeps, parts: DrainedParts): Delivery {
  const { clock, random, diagnostics, events, redactText, onExit } = deps;
  const { spool, transport, memory } = parts;
  const { retry: policy, concurrency, maxPendingBytes } = config;
  const opensAt = (): number | undefined => transport.opensAt();
  const traffic = createTraffic({ clock, random, policy, concurrency, diagnostics, opensAt });
  const sources = createSourceLog();
  const waiters = createWaiters();
  const scope = createSendScope('background');
  const quarantinedByStatus: Record<string, number> = {};
  const drain = createDrain({
    spool,
    transport,
    traffic,
    policy,
    clock,
    random,
    redactText,
    scope,
    awaited: () => waiters.size > 0,
    wantsReceipts: () => deps.wantsReceipts || waiters.size > 0,
    events: createDrainEvents({ sources, waiters, events, quarantinedByStatus }),
  });
  return createSpooledDelivery({
    spool,
    drain,
    traffic,
    sources,
    waiters,
    memory,
    maxPendingBytes,
    scope,
    clock,
    diagnostics,
    events,
    onExit,
    quarantinedByStatus,
  });
}

/**
 * Puts delivery together; the only place that knows its order.
 *
 * ```text
 * without a spool:
 * pending limit ─► concurrency ─► retry ─► halt ─► undici
 *    │                │             │        │        └ wall clock per attempt, headers and body
 *    │                │             │        └ after quota or credential answers: no request at all,
 *    │                │             │          also for sends that were waiting to repeat theirs
 *    │                │             └ waits only inside the deadline and the scope of the send
 *    │                └ bounds sockets; a send keeps its place while it waits to repeat, so that
 *    │                  an outage is met by `concurrency` requests and not by the whole queue
 *    └ bounds memory, over all exporters of a client and overlapping export() calls
 *
 * with a spool:
 * pending limit ─► spool ═► drain ─► halt ─► undici
 *    │               │        └ breaker, slow start, retry budget; as long as it takes
 *    │               └ from here on the event survives; handing it over ends
 *    └ bounds what waits for its commit
 * while the disk refuses, events take the first way instead
 * ```
 *
 * Close sequence, kept by the client: refuse new work, end the waits and let each send make its
 * last attempt (with a spool: commit, then drain what the budget allows), abort what is left when
 * the budget is over, close files and sockets.
 */
export function composeDelivery(config: DeliveryConfig, deps: DeliveryDeps): Delivery {
  const attempts = composeAttempts(config, deps);
  const memory = composeMemory(config, deps, attempts);
  if (config.spool === undefined) return memory;
  const spool = deps.openSpool(config.spool);
  return composeSpooled(config, deps, { spool, transport: attempts.halting, memory });
}
