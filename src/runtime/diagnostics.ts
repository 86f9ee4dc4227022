import { diag } from '@opentelemetry/api';
import type { DropReason } from '../outcome.ts';
import { assertNever } from '../outcome.ts';
import { runAsOwn } from './own-context.ts';
import { ownWords } from './own-words.ts';

/**
 * Everything the package ever says about itself: codes, counts, names of options.
 * No member can hold a payload, a key, a header or a URL.
 */
export type Notice =
  | {
      readonly code: 'events_lost';
      readonly reason: DropReason;
      readonly count: number;
      readonly detail: string;
    }
  | {
      readonly code: 'traffic_halted';
      readonly why: 'quota' | 'misconfigured';
      readonly detail: string;
    }
  | { readonly code: 'traffic_resumed' }
  | { readonly code: 'environment_ignored'; readonly variable: string; readonly expected: string }
  | { readonly code: 'digests_without_key'; readonly explanation: string }
  | { readonly code: 'resource_still_pending' }
  | { readonly code: 'callback_failed'; readonly callback: 'onReceipt' | 'onDrop' };

/** Where notices go. */
export interface Diagnostics {
  report(notice: Notice): void;
}

function sentence(notice: Notice): string {
  switch (notice.code) {
    case 'events_lost':
      return `${notice.count} event(s) lost: ${notice.reason} (last cause: ${notice.detail})`;
    case 'traffic_halted':
      return notice.why === 'quota'
        ? `sending stopped: the ledger answered ${notice.detail}, the quota is used up`
        : `sending stopped: ${notice.detail}; check apiKey and url`;
    case 'traffic_resumed':
      return 'sending goes on';
    case 'environment_ignored':
      return `${notice.variable} is ignored: expected ${notice.expected}`;
    case 'digests_without_key':
      return notice.explanation;
    case 'resource_still_pending':
      return 'resource attributes were still pending; events went out with those known';
    case 'callback_failed':
      return `${notice.callback} threw; the event is not affected`;
    default:
      return assertNever(notice);
  }
}

const logger = diag.createComponentLogger({ namespace: 'opentelemetry-exporter-immutablelog' });

/** Notices as warnings of OpenTelemetry's `diag`, emitted so that they never become events. */
export const otelDiagnostics: Diagnostics = {
  report(notice) {
    const level = notice.code === 'traffic_resumed' ? 'info' : 'warn';
    runAsOwn(() => {
      logger[level](ownWords(sentence(notice)));
    });
  },
};
