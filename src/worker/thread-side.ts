import process from 'node:process';
import { composeDelivery } from '../delivery/compose.ts';
import type { Delivery, DeliveryEvents, DeliveryState, SendContext } from '../delivery/delivery.ts';
import { PendingEvent } from '../delivery/delivery.ts';
import type { SendScope } from '../delivery/send-scope.ts';
import type { KeyAnswer } from '../delivery/token-source.ts';
import type { RedactionCounters } from '../redact/accounting.ts';
import { createRedactionCounters } from '../redact/accounting.ts';
import { createRedaction } from '../redact/redactor.ts';
import type { Clock } from '../runtime/clock.ts';
import { clockAt } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import { THREADS_ARE_TOLD_THEIR_END, systemIds } from '../runtime/process.ts';
import type { Outcome } from '../outcome.ts';
import { createScopeCopies } from './send-scopes.ts';
import type { Command, ReportBatch, SendCommand, Report, ThreadSetup } from './protocol.ts';
import type { MessagePort } from 'node:worker_threads';

/** The thread's side of the API key: it asks the main thread. */
export interface KeyQuestions {
  /** As the function of the option `apiKey` would do here. */
  readonly provider: () => Promise<string>;
  answered(id: number, answer: KeyAnswer): void;
}

/** Makes one that has asked nothing yet. */
export function createKeyQuestions(ask: (id: number) => void): KeyQuestions {
  const open = new Map<number, (answer: KeyAnswer) => void>();
  let lastId = 0;
  return {
    async provider() {
      const id = (lastId += 1);
      const answer = await new Promise<KeyAnswer>((resolve) => {
        open.set(id, resolve);
        ask(id);
      });
      if (answer.kind === 'failed') throw new Error('the function failed on the main thread');
      return answer.kind === 'key' ? answer.key : '';
    },
    answered(id, answer) {
      open.get(id)?.(answer);
      open.delete(id);
    },
  };
}

/** Time in ms that a report may wait for more. */
const GATHER_MS = 4;
/** Reports that are gathered for one message at most. */
const FULL_COUNT = 512;
/** Time between two looks whether the state changed by itself, ms. */
const WATCH_MS = 250;

/** Gathers what the thread has to say. */
export interface Reporter {
  /** One more attempt is made. */
  repeated(id: number): void;
  /** The ledger took it for the first time, and nobody wants its receipt. */
  accepted(id: number): void;
  /** It is on disk. */
  stored(id: number): void;
  /** `now`: somebody waits for it; `later`: it may wait for more. */
  report(report: Report, when: 'now' | 'later'): void;
  /** Posts what there is now, be it nothing. */
  open(): void;
  /** Posts what there is, and that the process need not live for this thread. */
  idle(after: number): void;
}

export interface ReporterDeps {
  readonly post: (batch: ReportBatch) => void;
  readonly state: () => DeliveryState;
  readonly clock: Clock;
  /** Runs a function as soon as what is going on now is over. */
  readonly soon: (run: () => void) => void;
}

/** The state without what moves with the clock alone. */
function fingerprint({ halted, spool }: DeliveryState): string {
  return JSON.stringify([halted, spool === undefined ? null : { ...spool, oldestAgeMs: null }]);
}

interface Gathered {
  readonly repeated: number[];
  readonly accepted: number[];
  readonly stored: number[];
  readonly reports: Report[];
}

const quiet = (): Gathered => ({
  repeated: [],
  accepted: [],
  stored: [],
  reports: [],
});

export function createReporter({ post, state, clock, soon }: ReporterDeps): Reporter {
  let gathered: Gathered = quiet();
  let pieces = 0;
  let told = '';
  let cancelGathering: (() => void) | undefined;
  let called = false;

  function send(idleAfter: number | undefined): void {
    cancelGathering?.();
    cancelGathering = undefined;
    const now = state();
    told = fingerprint(now);
    const sent = gathered;
    gathered = quiet();
    pieces = 0;
    post({ ...sent, state: now, at: clock.now(), idleAfter });
  }

  function flush(): void {
    if (pieces > 0) send(undefined);
  }

  function gather(): void {
    pieces += 1;
    if (pieces >= FULL_COUNT) flush();
    else cancelGathering ??= clock.after({ ms: GATHER_MS, hold: 'process', run: flush });
  }

  function callSoon(): void {
    if (called) return;
    called = true;
    soon(() => {
      called = false;
      flush();
    });
  }

  function watch(): void {
    if (fingerprint(state()) !== told) send(undefined);
    clock.after({ ms: WATCH_MS, hold: 'background', run: watch });
  }
  clock.after({ ms: WATCH_MS, hold: 'background', run: watch });

  return {
    repeated(id) {
      gathered.repeated.push(id);
      gather();
    },
    accepted(id) {
      gathered.accepted.push(id);
      gather();
    },
    stored(id) {
      gathered.stored.push(id);
      gather();
      callSoon();
    },
    report(report, when) {
      // Who handed an event over hears that it is on disk before anybody hears that it left.
      const leaves = report.kind === 'delivered' || report.kind === 'quarantined';
      if (leaves && gathered.stored.length > 0) flush();
      gathered.reports.push(report);
      gather();
      if (when === 'now') callSoon();
    },
    open() {
      send(undefined);
    },
    idle: send,
  };
}

/** Reports what becomes of events on disk; `receipts`: with the `meta` of each. */
export function reportEvents(reporter: Reporter, receipts: boolean): DeliveryEvents {
  return {
    delivered(sourceId, receipt, summary) {
      const shown = receipts ? summary() : undefined;
      reporter.report({ kind: 'delivered', sourceId, receipt, summary: shown }, 'later');
    },
    quarantined(sourceId, status, summary) {
      reporter.report({ kind: 'quarantined', sourceId, status, summary: summary() }, 'later');
    },
    retried(sourceId) {
      reporter.report({ kind: 'retried', sourceId }, 'later');
    },
    recovered(count) {
      reporter.report({ kind: 'recovered', count }, 'now');
    },
  };
}

/** Reports what is taken out of the words of the ledger. */
export function reportRedactions(reporter: Reporter): RedactionCounters {
  return {
    ...createRedactionCounters(),
    count(action, dataClass) {
      reporter.report({ kind: 'redacted', action, dataClass }, 'later');
    },
    error() {
      reporter.report({ kind: 'redaction_failed' }, 'later');
    },
    cut() {
      reporter.report({ kind: 'redaction_cut' }, 'later');
    },
  };
}

/** Knows whether the process has to live for this thread, and says when it need not any more. */
export interface ThreadLife {
  /** The port is listened to, which holds the thread. */
  listening(): void;
  /** A message of the main thread came. */
  received(): void;
  /** Something begins that the process has to live for. */
  begun(): void;
  ended(): void;
}

/** The life of a thread that is told its end: while nothing holds it but the port, nothing is to do. */
function naturalLife(port: MessagePort, reporter: Pick<Reporter, 'idle'>): ThreadLife {
  let received = 0;
  process.on('beforeExit', () => {
    reporter.idle(received);
    port.ref();
  });
  return {
    listening() {
      port.unref();
    },
    received() {
      // From here on the thread lives by its work alone, so that it is seen when that is done.
      port.unref();
      received += 1;
    },
    begun() {},
    ended() {},
  };
}

/** The life of a thread that the port holds for ever: what is to be waited for is counted. */
export function countedLife(
  reporter: Pick<Reporter, 'idle'>,
  soon: ReporterDeps['soon'],
): ThreadLife {
  let received = 0;
  let open = 0;
  let asked = false;
  const askSoon = (): void => {
    if (asked || open > 0) return;
    asked = true;
    soon(() => {
      asked = false;
      if (open === 0) reporter.idle(received);
    });
  };
  return {
    listening() {},
    received() {
      received += 1;
      askSoon();
    },
    begun() {
      open += 1;
    },
    ended() {
      open -= 1;
      askSoon();
    },
  };
}

interface TakerDeps {
  readonly delivery: Delivery;
  readonly reporter: Reporter;
  readonly life: ThreadLife;
  readonly receipts: boolean;
}

/** Takes events of the main thread and says what becomes of each. */
function take(parts: TakerDeps, command: SendCommand, scope: SendScope): void {
  const { delivery, reporter, life, receipts } = parts;
  const { sourceId, awaited, ids, deadlines, idempotencyKeys, requestIds, sizes, bodies } = command;
  const wantsReceipt = receipts || awaited;
  const isHeld = scope.hold === 'process';
  let at = 0;
  for (const [index, id] of ids.entries()) {
    const bytes = sizes[index] ?? 0;
    const idempotencyKey = idempotencyKeys[index] ?? '';
    const requestId = requestIds[index] ?? '';
    const body = bodies.subarray(at, at + bytes);
    at += bytes;
    const onRetry = (): void => {
      reporter.repeated(id);
    };
    const deadline = deadlines[index] ?? 0;
    const context = { sourceId, awaited, deadline, scope, wantsReceipt, onRetry };
    const request = { idempotencyKey, requestId, body, bytes };
    const settled = (outcome: Outcome): void => {
      const told = reportOutcome(reporter, id, outcome, context);
      if (!isHeld) return;
      if (told === undefined) life.ended();
      else {
        void told.then(() => {
          life.ended();
        });
      }
    };
    if (isHeld) life.begun();
    delivery.send(new PendingEvent(request, context, settled));
  }
}

/** @returns what is still to come of it, for who waits for that */
function reportOutcome(
  reporter: Reporter,
  id: number,
  outcome: Outcome,
  { awaited, wantsReceipt }: Pick<SendContext, 'awaited' | 'wantsReceipt'>,
): Promise<void> | undefined {
  if (outcome.kind === 'spooled') {
    reporter.stored(id);
    return outcome.delivered?.then((told) => {
      reporter.report({ kind: 'told', id, outcome: told }, 'now');
    });
  }
  if (outcome.kind === 'accepted' && !wantsReceipt && !outcome.receipt.duplicate) {
    reporter.accepted(id);
  } else {
    reporter.report({ kind: 'settled', id, outcome }, awaited ? 'now' : 'later');
  }
  return undefined;
}

/** What doing a command needs. */
export interface CommandRunnerDeps extends TakerDeps {
  readonly keys: KeyQuestions;
}

/** Makes the function that does what one command asks for. */
export function createCommandRunner(parts: CommandRunnerDeps): (command: Command) => void {
  const { delivery, reporter, life, keys } = parts;
  const scopes = createScopeCopies();

  async function call(id: number, work: Promise<void>): Promise<void> {
    life.begun();
    await work;
    reporter.report({ kind: 'done', id }, 'now');
    life.ended();
  }

  return (command) => {
    switch (command.kind) {
      case 'send':
        take(parts, command, scopes.get(command.scope));
        return;
      case 'resume':
        delivery.resume();
        return;
      case 'flush':
        void call(command.id, delivery.flush());
        return;
      case 'close':
        void call(command.id, delivery.close(command.limitMs));
        return;
      case 'key':
        keys.answered(command.id, command.answer);
        return;
      case 'scope':
      case 'hurry':
      case 'finish':
      case 'abort':
      case 'release':
        scopes.apply(command);
    }
  };
}

/** Runs the delivery of a client in this thread, on behalf of the main thread behind the port. */
export function serve(port: MessagePort, { config, clockOffsetMs, receipts }: ThreadSetup): void {
  const clock = clockAt(clockOffsetMs);
  const reporter = createReporter({
    post: (batch) => {
      port.postMessage(batch);
    },
    state: () => delivery.state(),
    clock,
    soon: setImmediate,
  });
  const keys = createKeyQuestions((id) => {
    reporter.report({ kind: 'ask', id }, 'now');
  });
  const diagnostics: Diagnostics = {
    report(notice) {
      reporter.report({ kind: 'notice', notice }, 'now');
    },
  };
  const redaction = createRedaction(config.redaction, reportRedactions(reporter));
  const delivery = composeDelivery(
    { ...config, apiKey: keys.provider, dispatcher: undefined },
    {
      clock,
      ids: systemIds,
      diagnostics,
      events: reportEvents(reporter, receipts),
      wantsReceipts: receipts,
      redactText: (text) => redaction.text(text),
    },
  );
  const life = THREADS_ARE_TOLD_THEIR_END
    ? naturalLife(port, reporter)
    : countedLife(reporter, setImmediate);
  const run = createCommandRunner({ delivery, reporter, life, keys, receipts });
  port.on('message', (commands: readonly Command[]) => {
    life.received();
    for (const command of commands) run(command);
  });
  life.listening();
  // The first batch shows that the thread has come up.
  reporter.open();
}
