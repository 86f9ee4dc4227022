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
  | { readonly code: 'ledger_unreachable' }
  | { readonly code: 'ledger_back' }
  | { readonly code: 'spool_recovered'; readonly count: number }
  | { readonly code: 'spool_damaged'; readonly count: number }
  | { readonly code: 'spool_unusable'; readonly detail: string }
  | { readonly code: 'environment_ignored'; readonly variable: string; readonly expected: string }
  | { readonly code: 'digests_without_key'; readonly explanation: string }
  | { readonly code: 'resource_still_pending' }
  | {
      readonly code: 'callback_failed';
      readonly callback: 'onReceipt' | 'onDrop' | 'onQuarantine';
    };

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
    case 'ledger_unreachable':
      return 'the ledger does not answer; events are kept on disk and one is tried now and then';
    case 'ledger_back':
      return 'the ledger answers again';
    case 'spool_recovered':
      return `${notice.count} event(s) of an earlier process were found on disk and will be sent`;
    case 'spool_damaged':
      return `${notice.count} damaged part(s) of the spool were put aside into its quarantine`;
    case 'spool_unusable':
      return `the spool cannot be written (${notice.detail}); events are sent from memory meanwhile`;
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

const GOOD_NEWS: ReadonlySet<Notice['code']> = new Set([
  'traffic_resumed',
  'ledger_back',
  'spool_recovered',
]);

/** Notices as warnings of OpenTelemetry's `diag`, emitted so that they never become events. */
export const otelDiagnostics: Diagnostics = {
  report(notice) {
    const level = GOOD_NEWS.has(notice.code) ? 'info' : 'warn';
    runAsOwn(() => {
      logger[level](ownWords(sentence(notice)));
    });
  },
};
