import type { ClientConfig } from './config/resolve.ts';
import type { EventSummary } from './config/options.ts';
import type { DeliveryEvents } from './delivery/delivery.ts';
import type { Fate } from './delivery/fate.ts';
import type { Diagnostics } from './runtime/diagnostics.ts';
import { callSafely } from './telemetry/callbacks.ts';
import type { Counters } from './telemetry/counters.ts';
import type { LossReport } from './telemetry/loss-report.ts';

type CallbackName = 'onReceipt' | 'onDrop' | 'onQuarantine';

/** What the books of a client are kept with. */
export interface AccountsDeps {
  readonly config: Pick<ClientConfig, CallbackName>;
  /** The account of the client itself; it counts what those of its exporters count. */
  readonly root: Counters;
  readonly losses: LossReport;
  readonly diagnostics: Diagnostics;
}

/** Counts what becomes of events, on the account of their owner, and tells the callbacks. */
export interface Accounts {
  /** Opens an account; its number stands for it wherever delivery has no room for more. */
  enrol(counters: Counters): number;
  /** How handing over an event ended. */
  settle(fate: Fate, owner: number, summary: EventSummary): void;
  countersOf(owner: number): Counters;
  /** What becomes of events that were on disk. */
  readonly events: DeliveryEvents;
}

/** Opens the books of a client. */
export function createAccounts({ config, root, losses, diagnostics }: AccountsDeps): Accounts {
  const enrolled: Counters[] = [root];
  const countersOf = (owner: number): Counters => enrolled[owner] ?? root;

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
    settle(fate, owner, summary) {
      const account = countersOf(owner);
      switch (fate.kind) {
        case 'accepted':
          account.accepted(fate.receipt);
          tell('onReceipt', onReceipt && (() => onReceipt(fate.receipt, summary)));
          return;
        case 'spooled':
          account.stored();
          return;
        case 'dropped':
          account.dropped(fate.reason);
          losses.lost(fate.reason, fate.failure.detail);
          tell('onDrop', onDrop && (() => onDrop(fate.reason, summary)));
      }
    },
    events: {
      delivered(owner, receipt, summary) {
        countersOf(owner).delivered(receipt);
        tell('onReceipt', onReceipt && (() => onReceipt(receipt, summary())));
      },
      quarantined(owner, status, summary) {
        countersOf(owner).quarantined();
        tell('onQuarantine', onQuarantine && (() => onQuarantine(status, summary())));
      },
      retried(owner) {
        countersOf(owner).retried();
      },
      recovered(count) {
        root.recovered(count);
      },
    },
  };
}
