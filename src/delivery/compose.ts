import { openSpool } from '../spool/open-spool.ts';
import type { Delivery, DeliveryConfig, DeliveryDeps, Transport } from './delivery.ts';
import type { HaltingTransport } from './halt.ts';
import { withHalt } from './halt.ts';
import { TokenSource } from './token-source.ts';
import { HttpTransport, createDispatcher } from './http/transport.ts';
import { withRetry } from './retry.ts';
import { SpooledDelivery } from './spooled-delivery.ts';
import type { PendingTransport } from './turns.ts';
import { Turns, withPendingLimit } from './turns.ts';

/**
 * Puts delivery together; the only place that knows its order.
 *
 * ```text
 * without a spool:
 * pending limit ─► turns ─► retry ─► halt ─► http
 *    │              │        │        │       └ wall clock per attempt, headers and body; a refused
 *    │              │        │        │         token is asked for anew, and the request repeated once
 *    │              │        │        └ after quota or credential answers: no request, but for one
 *    │              │        │          event at a time that finds out whether traffic may flow
 *    │              │        └ waits only inside the deadline and the scope of the send
 *    │              └ bounds sockets, and says who is next: no event stops the others, an outage is
 *    │                met by few, and while traffic is stopped events wait here
 *    └ bounds memory, over all exporters of a client and overlapping export() calls
 *
 * with a spool:
 * pending limit ─► spool ═► drain ─► halt ─► http
 *    │               │        └ breaker, slow start, retry budget; as long as it takes
 *    │               └ from here on the event survives; handing it over ends
 *    └ bounds what waits for its commit
 * while the disk refuses, events take the first way instead
 * ```
 *
 * One {@link PendingEvent} goes down this way and comes back up by the same steps.
 *
 * Close sequence, kept by the client: refuse new work, end the waits and let each send make its
 * attempts within the budget (with a spool: commit, then drain what it allows), abort what is left
 * when the budget is over, close files and sockets.
 */
export function composeDelivery(config: DeliveryConfig, deps: DeliveryDeps): Delivery {
  const { endpoint, headers, timeoutMs, quotaProbeMs } = config;
  const { clock, diagnostics, ids } = deps;
  const { dispatcher, close } = createDispatcher(config);
  const tokens = new TokenSource(config.apiKey, clock);
  const http = new HttpTransport({ dispatcher, endpoint, headers, tokens, clock, timeoutMs });
  const onMisconfigured = (): void => {
    tokens.forget();
  };
  const withheld = config.withheld !== undefined;
  const transport = withheld ? WITHHELD : http;
  // Why nothing is sent was told at the start, by the name of what is to be put right.
  const told = withheld ? { report: (): void => {} } : diagnostics;
  const halting = withHalt(transport, { clock, quotaProbeMs, diagnostics: told, onMisconfigured });
  const { random } = ids;
  const turns = new Turns({ clock, random, limit: config.concurrency, timeoutMs, halting });
  const acceptances = (): number => halting.acceptances();
  const retry = { clock, random, timeoutMs, turns, acceptances };
  const retrying = withRetry(halting, config.retry, retry);
  // What has no destination is refused at once: no wait makes it readable.
  const chain = withheld ? halting : turns.over(retrying);
  const limited = withPendingLimit(chain, config.maxPendingBytes);
  const memory = memoryDelivery(limited, halting, close);
  if (config.spool === undefined) return memory;
  const spool = openSpool(config.spool, deps);
  return new SpooledDelivery(config, deps, { spool, transport: halting, memory });
}

/** Where a variable that was set cannot be read: no request is made, and no event is refused. */
const WITHHELD: Transport = {
  send(event) {
    const failure = { detail: 'nothing is sent as configured', status: undefined };
    event.end({ kind: 'misconfigured', failure });
  },
};

/** Holds events in memory until the ledger has decided, or their time is over. */
function memoryDelivery(
  chain: PendingTransport,
  halting: HaltingTransport,
  close: () => Promise<void>,
): Delivery {
  return {
    ...chain,
    state: () => ({
      pendingBytes: chain.pendingBytes(),
      halted: halting.halted(),
      spool: undefined,
    }),
    resume() {
      halting.resume();
    },
    flush: () => Promise.resolve(),
    close,
  };
}
