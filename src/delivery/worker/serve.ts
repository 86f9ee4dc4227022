import process from 'node:process';
import type { MessagePort } from 'node:worker_threads';
import type { RedactionCounters } from '../../redact/accounting.ts';
import { createRedactionCounters } from '../../redact/accounting.ts';
import { createRedaction } from '../../redact/redactor.ts';
import type { Diagnostics } from '../../runtime/diagnostics.ts';
import { systemIds } from '../../runtime/ids.ts';
import { onProcessExit } from '../../runtime/process-exit.ts';
import { clockAt } from '../../runtime/thread-clock.ts';
import { openSpool } from '../../spool/open-spool.ts';
import { composeDelivery } from '../compose.ts';
import type { Delivery, DeliveryEvents, Parcel } from '../delivery.ts';
import type { Lifetime } from '../lifetime.ts';
import type { KeyQuestions } from './key-questions.ts';
import { createKeyQuestions } from './key-questions.ts';
import { createLifetimeCopies } from './lifetime-copies.ts';
import type { NewsDesk } from './news-desk.ts';
import { createNewsDesk } from './news-desk.ts';
import type { Command, ParcelMessage, ThreadSetup } from './protocol.ts';

function tellEvents(desk: NewsDesk, receipts: boolean): DeliveryEvents {
  return {
    delivered(owner, receipt, summary) {
      const shown = receipts ? summary() : undefined;
      desk.report({ kind: 'delivered', owner, receipt, summary: shown }, 'later');
    },
    quarantined(owner, status, summary) {
      desk.report({ kind: 'quarantined', owner, status, summary: summary() }, 'later');
    },
    retried(owner) {
      desk.report({ kind: 'retried', owner }, 'later');
    },
    recovered(count) {
      desk.report({ kind: 'recovered', count }, 'now');
    },
  };
}

function tellRedactions(desk: NewsDesk): RedactionCounters {
  return {
    ...createRedactionCounters(),
    count(action, dataClass) {
      desk.report({ kind: 'redacted', action, dataClass }, 'later');
    },
    error() {
      desk.report({ kind: 'redaction_failed' }, 'later');
    },
    cut() {
      desk.report({ kind: 'redaction_cut' }, 'later');
    },
  };
}

/** Takes the events of the main thread and says what becomes of them. */
function createTaker(
  delivery: Delivery,
  desk: NewsDesk,
  receipts: boolean,
): (parcel: ParcelMessage, lifetime: Lifetime) => Promise<void> {
  return async (message, lifetime) => {
    const [id, , owner, awaited, deadline, idempotencyKey, requestId, body, bytes] = message;
    const onRetry = (): void => {
      desk.repeated(id);
    };
    const parcel: Parcel = { owner, awaited, deadline, lifetime, onRetry };
    const fate = await delivery.deliver({ idempotencyKey, requestId, body, bytes }, parcel);
    const when = awaited ? 'now' : 'later';
    if (fate.kind === 'spooled') {
      desk.stored(id);
      if (fate.delivered === undefined) return;
      desk.report({ kind: 'told', id, fate: await fate.delivered }, 'now');
    } else if (fate.kind === 'accepted' && !receipts && !awaited && !fate.receipt.duplicate) {
      desk.accepted(id);
    } else {
      desk.report({ kind: 'settled', id, fate }, when);
    }
  };
}

interface ServeParts {
  readonly delivery: Delivery;
  readonly desk: NewsDesk;
  readonly keys: KeyQuestions;
  readonly receipts: boolean;
}

/** Makes the function that does what one command asks for. */
function createServant({ delivery, desk, keys, receipts }: ServeParts): (command: Command) => void {
  const lifetimes = createLifetimeCopies();
  const take = createTaker(delivery, desk, receipts);

  async function call(id: number, work: Promise<void>): Promise<void> {
    await work;
    desk.report({ kind: 'done', id }, 'now');
  }

  return (command) => {
    switch (command.kind) {
      case 'parcels':
        for (const parcel of command.parcels) void take(parcel, lifetimes.get(parcel[1]));
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
      default:
        lifetimes.apply(command);
    }
  };
}

/** Runs the delivery of a client in this thread, on behalf of the main thread behind the port. */
export function serve(port: MessagePort, { config, clockOffsetMs, receipts }: ThreadSetup): void {
  const clock = clockAt(clockOffsetMs);
  const desk = createNewsDesk({
    post: (news) => {
      port.postMessage(news);
    },
    state: () => delivery.state(),
    clock,
    soon: setImmediate,
  });
  const keys = createKeyQuestions((id) => {
    desk.report({ kind: 'ask', id }, 'now');
  });
  const diagnostics: Diagnostics = {
    report(notice) {
      desk.report({ kind: 'notice', notice }, 'now');
    },
  };
  const delivery = composeDelivery(
    { ...config, apiKey: keys.provider, dispatcher: undefined },
    {
      clock,
      random: systemIds.random,
      diagnostics,
      env: process.env,
      events: tellEvents(desk, receipts),
      redactText: createRedaction(config.redaction, tellRedactions(desk)).text,
      openSpool: (spool) => openSpool(spool, { clock, ids: systemIds, diagnostics }),
      onExit: onProcessExit,
    },
  );
  const run = createServant({ delivery, desk, keys, receipts });
  let received = 0;
  port.on('message', (commands: readonly Command[]) => {
    // From here on the thread lives by its work alone, so that it is seen when that is done.
    port.unref();
    received += 1;
    for (const command of commands) run(command);
  });
  port.unref();
  process.on('beforeExit', () => {
    desk.idle(received);
    port.ref();
  });
}
