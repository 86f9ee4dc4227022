import type { ClientConfig } from './config/resolve.ts';
import type { DeliveryDeps } from './delivery/compose.ts';
import { composeDelivery } from './delivery/compose.ts';
import type { Delivery, DeliveryEvents } from './delivery/delivery.ts';
import type { ThreadChoice } from './delivery/worker/worker-delivery.ts';
import { createWorkerDelivery } from './delivery/worker/worker-delivery.ts';
import type { RedactionCounters } from './redact/accounting.ts';
import type { Redaction } from './redact/redactor.ts';
import type { Clock } from './runtime/clock.ts';
import type { Diagnostics } from './runtime/diagnostics.ts';
import type { Ids } from './runtime/ids.ts';
import { onProcessExit } from './runtime/process-exit.ts';
import { openSpool, storeNow } from './spool/open-spool.ts';

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
