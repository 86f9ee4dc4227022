import process from 'node:process';
import type { MessagePort } from 'node:worker_threads';
import { createRedaction } from '../../redact/redactor.ts';
import type { Diagnostics } from '../../runtime/diagnostics.ts';
import { systemIds } from '../../runtime/ids.ts';
import { onProcessExit } from '../../runtime/process-exit.ts';
import { clockAt } from '../../runtime/thread-clock.ts';
import { openSpool } from '../../spool/open-spool.ts';
import { composeDelivery } from '../compose.ts';
import { createKeyQuestions } from './key-questions.ts';
import { createNewsDesk } from './news-desk.ts';
import type { Command, ThreadSetup } from './protocol.ts';
import { createServant } from './servant.ts';
import { tellEvents, tellRedactions } from './tell-news.ts';

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
  const redaction = createRedaction(config.redaction, tellRedactions(desk));
  const delivery = composeDelivery(
    { ...config, apiKey: keys.provider, dispatcher: undefined },
    {
      clock,
      random: systemIds.random,
      diagnostics,
      env: process.env,
      events: tellEvents(desk, receipts),
      wantsReceipts: receipts,
      redactText: (text) => redaction.text(text),
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
  // The first news shows that the thread has come up.
  desk.open();
  process.on('beforeExit', () => {
    desk.idle(received);
    port.ref();
  });
}
