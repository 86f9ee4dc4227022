import type { DropReason } from '../outcome.ts';
import { runAsOwn } from './suppress-tracing.ts';
import { diag } from '@opentelemetry/api';
import process from 'node:process';

/** What every sentence of the package in a log begins with. */
const PREFIX = 'immutablelog exporter: ';

// Sentences of batches that are still on their way back through a batch processor.
const REMEMBERED = 128;
// Where a logger puts the sentence: at the start, or a little later inside the JSON of an error.
const SEARCHED_UNITS = 2_048;

const spoken = new Set<string>();

/**
 * Gives a sentence its prefix and remembers it.
 *
 * The SDK reports a failed export through `diag`; where a program turns `diag` into log records,
 * that report would be exported, fail and be reported again, without end. Its context tells
 * nothing, so it is known by its words.
 */
export function ownWords(sentence: string): string {
  const words = PREFIX + sentence;
  spoken.delete(words);
  spoken.add(words);
  if (spoken.size > REMEMBERED) {
    for (const oldest of spoken) {
      spoken.delete(oldest);
      break;
    }
  }
  return words;
}

/** Whether the body of a log record repeats what the package said. */
export function isOwnWords(body: unknown): boolean {
  if (spoken.size === 0 || typeof body !== 'string') return false;
  const head = body.slice(0, SEARCHED_UNITS);
  if (!head.includes(PREFIX)) return false;
  for (const words of spoken) if (head.includes(words)) return true;
  return false;
}

/**
 * Says one sentence through OpenTelemetry's `diag`, in such a way that it never becomes an event.
 * It must hold no key, no URL and no value of the environment. What the logger of the program throws
 * is its own affair: this is called from listeners and timers, where nobody would catch it.
 *
 * @param level - `info` for what was done, `warn` for what was not
 */
export function announce(level: 'info' | 'warn', sentence: string): void {
  runAsOwn(() => {
    try {
      diag[level](ownWords(sentence));
    } catch {
      // Nobody is left to tell.
    }
  });
}

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
  | { readonly code: 'spool_stalled' }
  | { readonly code: 'spool_unreadable'; readonly detail: string }
  | { readonly code: 'worker_died'; readonly detail: string }
  | { readonly code: 'worker_unavailable'; readonly detail: string }
  | {
      readonly code: 'variables_wrong';
      readonly wrong: readonly WrongVariable[];
      /** Whether nothing is sent because of the first. */
      readonly withheld: boolean;
    }
  | { readonly code: 'digests_without_key'; readonly explanation: string }
  | { readonly code: 'resource_still_pending' }
  | { readonly code: 'flush_incomplete'; readonly count: number }
  | {
      readonly code: 'callback_failed';
      readonly callback: 'onReceipt' | 'onDrop' | 'onQuarantine';
    };

/** A variable whose value cannot be used. */
interface WrongVariable {
  readonly variable: string;
  readonly expected: string;
}

/** Where notices go. */
export interface Diagnostics {
  report(notice: Notice): void;
  /** Tells what there was no logger for when it came; costs nothing when there is nothing. */
  catchUp?(): void;
}

type Sentences = {
  readonly [Code in Notice['code']]: (notice: Extract<Notice, { readonly code: Code }>) => string;
};

const SENTENCES: Sentences = {
  events_lost: ({ count, reason, detail }) =>
    `${count} event(s) lost: ${reason} (last cause: ${detail})`,
  traffic_halted: ({ why, detail }) =>
    why === 'quota'
      ? `sending stopped: the ledger answered ${detail}, the quota is used up`
      : `sending stopped: ${detail}; check apiKey and url`,
  traffic_resumed: () => 'sending goes on',
  ledger_unreachable: () =>
    'the ledger does not answer; events are kept on disk and one is tried now and then',
  ledger_back: () => 'the ledger answers again',
  spool_recovered: ({ count }) =>
    `${count} event(s) of an earlier process were found on disk and will be sent`,
  spool_damaged: ({ count }) =>
    `${count} damaged part(s) of the spool were put aside into its quarantine`,
  spool_unusable: ({ detail }) =>
    `the spool cannot be written (${detail}); events are sent from memory meanwhile`,
  spool_stalled: () =>
    'the disk of the spool does not answer; an event waits for it until its deadline, and is lost then',
  spool_unreadable: ({ detail }) =>
    `a part of the spool cannot be read now (${detail}); nothing of it is given up, it is tried again`,
  worker_died: ({ detail }) =>
    `the worker thread ended (${detail}); what it had not finished is sent again`,
  worker_unavailable: ({ detail }) =>
    `no worker thread (${detail}); events are delivered on the main thread`,
  variables_wrong: ({ wrong, withheld }) =>
    wrong
      .map(({ variable, expected }, index) =>
        withheld && index === 0
          ? `nothing is sent: ${variable} cannot be used, expected ${expected}`
          : `${variable} is ignored: expected ${expected}`,
      )
      .join('; '),
  digests_without_key: ({ explanation }) => explanation,
  resource_still_pending: () =>
    'resource attributes were still pending; events went out with those known',
  flush_incomplete: ({ count }) =>
    `${count} event(s) were still under way at the end of a flush; they go on`,
  callback_failed: ({ callback }) => `${callback} threw; the event is not affected`,
};

function sentence(notice: Notice): string {
  // The table has a function for exactly this notice; the compiler cannot see that they belong.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const words = SENTENCES[notice.code] as (notice: Notice) => string;
  return words(notice);
}

// What went well again; anything else is a warning.
const GOOD: ReadonlySet<Notice['code']> = new Set([
  'traffic_resumed',
  'ledger_back',
  'spool_recovered',
]);

/** Whether the program has a logger for `diag` by now. */
export function hasLogger(): boolean {
  const api: unknown = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'));
  return typeof api === 'object' && api !== null && Reflect.get(api, 'diag') !== undefined;
}

/** Notices kept until the program has a logger, at most. */
const MAX_HELD_BACK = 32;
const heldBack: Notice[] = [];

function say(notice: Notice): void {
  announce(GOOD.has(notice.code) ? 'info' : 'warn', sentence(notice));
}

/**
 * Notices on OpenTelemetry's `diag`. Exporters are made before the SDK brings its logger: what is said
 * before that waits for it, and wrong variables, which somebody has to put right, are warnings of the
 * process.
 */
export const otelDiagnostics: Required<Diagnostics> = {
  report(notice) {
    otelDiagnostics.catchUp();
    if (hasLogger()) say(notice);
    else if (notice.code === 'variables_wrong') {
      // Node puts the name before the sentence, which needs no prefix then.
      process.emitWarning(sentence(notice), 'ImmutableLogWarning');
    } else if (heldBack.length < MAX_HELD_BACK) heldBack.push(notice);
  },
  catchUp() {
    if (heldBack.length === 0 || !hasLogger()) return;
    for (const notice of heldBack.splice(0)) say(notice);
  },
};
