import type { EventSummary } from '../config/options.ts';
import type { ClientConfig } from '../config/resolve.ts';
import type { DeliveryConfig, DeliveryState } from '../delivery/delivery.ts';
import type { KeyAnswer } from '../delivery/token-source.ts';
import type { Accepted, AwaitedOutcome, DropReason, Lost, Receipt } from '../outcome.ts';
import type { CountedAction } from '../redact/accounting.ts';
import type { DataClass } from '../redact/detectors/detector.ts';
import type { Hold } from '../runtime/clock.ts';
import type { Notice } from '../runtime/diagnostics.ts';

/** The options of a client that concern its delivery, and that can be copied into a thread. */
export type ThreadConfig = Omit<DeliveryConfig, 'apiKey' | 'dispatcher'> &
  Pick<ClientConfig, 'redaction'>;

/** What a thread is started with. */
export interface ThreadSetup {
  readonly config: ThreadConfig;
  /** Where the monotonic clock of the main thread stands on that of the process, ms. */
  readonly clockOffsetMs: number;
  /** Whether somebody wants each receipt and the `meta` it belongs to. */
  readonly receipts: boolean;
}

/**
 * Events of one account on their way into the thread, by columns: an object for each would be
 * taken apart on one side and put together on the other, and that costs more than the rest.
 */
export interface SendCommand {
  readonly kind: 'send';
  readonly scope: number;
  readonly sourceId: number;
  readonly awaited: boolean;
  readonly ids: readonly number[];
  readonly deadlines: readonly number[];
  readonly idempotencyKeys: readonly string[];
  readonly requestIds: readonly string[];
  readonly sizes: readonly number[];
  /** One body behind the other; its memory goes over to the thread. */
  readonly bodies: Uint8Array<ArrayBuffer>;
}

/** What the main thread tells the thread. They take effect in the order they were given. */
export type Command = SendCommand | PlainCommand;

/** A command without events. */
export type PlainCommand =
  | {
      readonly kind: 'scope';
      readonly id: number;
      readonly hold: Hold;
      readonly closing: boolean;
      readonly ended: DropReason | undefined;
    }
  | { readonly kind: 'hurry' | 'finish' | 'release'; readonly id: number }
  | { readonly kind: 'abort'; readonly id: number; readonly reason: DropReason }
  | { readonly kind: 'resume' }
  | { readonly kind: 'flush'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number; readonly limitMs: number }
  | { readonly kind: 'key'; readonly id: number; readonly answer: KeyAnswer };

/** How handing over one event ended, as it crosses. */
export type RemoteOutcome = Accepted | Lost | { readonly kind: 'spooled' };

/** One thing the thread has to say. */
export type Report =
  | { readonly kind: 'settled'; readonly id: number; readonly outcome: RemoteOutcome }
  | { readonly kind: 'told'; readonly id: number; readonly outcome: AwaitedOutcome }
  | {
      readonly kind: 'delivered';
      readonly sourceId: number;
      readonly receipt: Receipt;
      readonly summary: EventSummary | undefined;
    }
  | {
      readonly kind: 'quarantined';
      readonly sourceId: number;
      readonly status: number | undefined;
      readonly summary: EventSummary;
    }
  | { readonly kind: 'retried'; readonly sourceId: number }
  | { readonly kind: 'recovered'; readonly count: number }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'ask'; readonly id: number }
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'redacted'; readonly action: CountedAction; readonly dataClass: DataClass }
  | { readonly kind: 'redaction_failed' }
  | { readonly kind: 'redaction_cut' };

/** What the thread tells the main thread at once. */
export interface ReportBatch {
  /** Events of which one more attempt is made; one of them may be here more than once. */
  readonly repeated: readonly number[];
  /** Events the ledger took for the first time, whose receipts nobody wants to see. */
  readonly accepted: readonly number[];
  /** Events that are on disk. */
  readonly stored: readonly number[];
  readonly reports: readonly Report[];
  /** As it was when this was posted. */
  readonly state: DeliveryState;
  /** When that was, on the monotonic clock of the main thread (ms). */
  readonly at: number;
  /**
   * Given when nothing that the thread does is worth keeping the process alive for: how many
   * messages it had received by then.
   */
  readonly idleAfter: number | undefined;
}
