import type { ClientConfig } from '../config/resolve.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import type { Transport } from './transport.ts';
import { createTokenSource } from './token-source.ts';
import { createDispatcher } from './undici-dispatcher.ts';
import { createUndiciTransport } from './undici-transport.ts';
import { withConcurrency } from './with-concurrency.ts';
import { withHalt } from './with-halt.ts';
import { withPendingLimit } from './with-pending-limit.ts';
import { withRetry } from './with-retry.ts';
import { withTimeout } from './with-timeout.ts';

/** What the delivery chain reaches of the outside world. */
export interface DeliveryDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly diagnostics: Diagnostics;
  readonly env: NodeJS.ProcessEnv;
}

/** The whole way from an encoded event to an outcome. */
export interface Delivery extends Transport {
  pendingBytes(): number;
  /** Lifts a halt. */
  readonly resume: () => void;
  halted(): 'quota' | 'misconfigured' | undefined;
  /** Closes the sockets; to be called when nothing is under way any more. */
  close(): Promise<void>;
}

/**
 * Puts the delivery chain together; the only place that knows its order.
 *
 * ```text
 * pending limit ─► concurrency ─► retry ─► halt ─► timeout ─► undici
 *    │                │             │        │        └ wall clock per attempt, headers and body
 *    │                │             │        └ after quota or credential answers: no request at all,
 *    │                │             │          also for sends that were waiting to repeat theirs
 *    │                │             └ waits only inside the deadline and the lifetime of the send
 *    │                └ bounds sockets; a send keeps its place while it waits to repeat, so that
 *    │                  an outage is met by `concurrency` requests and not by the whole queue
 *    └ bounds memory, over all exporters of a client and overlapping export() calls
 * ```
 *
 * Close sequence, kept by the client: refuse new work, end the waits and let each send make its
 * last attempt, abort what is left when the budget is over, close the sockets.
 */
export function composeDelivery(config: ClientConfig, deps: DeliveryDeps): Delivery {
  const { clock, random, diagnostics } = deps;
  const { dispatcher, close } = createDispatcher(config, deps.env);
  const tokens = createTokenSource(config.apiKey, clock);
  const { endpoint, headers, quotaProbeMs } = config;
  const undici = createUndiciTransport({ dispatcher, endpoint, headers, tokens, clock });
  const limited = withTimeout(undici, config.timeoutMs, clock);
  const onMisconfigured = tokens.forget;
  const halting = withHalt(limited, { clock, quotaProbeMs, diagnostics, onMisconfigured });
  const retrying = withRetry(halting, config.retry, { clock, random });
  const concurrent = withConcurrency(retrying, config.concurrency);
  const bounded = withPendingLimit(concurrent, config.maxPendingBytes);
  return {
    send: (request, context) => bounded.send(request, context),
    pendingBytes: () => bounded.pendingBytes(),
    resume: () => {
      halting.resume();
    },
    halted: () => halting.halted(),
    close,
  };
}
