/**
 * The whole way on one machine: a shop with OpenTelemetry, its requests and log lines, and the
 * ledger they end up in. Nothing leaves this machine and no account is needed.
 *
 *   npm run demo             runs and ends
 *   npm run demo -- --keep   leaves the ledger running until Ctrl-C
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { createEmulator } from 'opentelemetry-exporter-immutablelog/emulator';
import { judge } from './checks.js';
import { checkList, eventInFull, heading, ledgerTable, trafficTable } from './report.js';
import { startShop } from './shop-process.js';
import { HEALTH_CHECKS, SECRETS, visitShop } from './traffic.js';

/** @typedef {import('opentelemetry-exporter-immutablelog/emulator').Emulator} Emulator */

/** @param {string} text */
const print = (text) => process.stdout.write(`${text}\n`);

/**
 * Runs the shop, sends it traffic, and tells what is in the ledger then.
 *
 * @param {Emulator} ledger
 * @returns {Promise<boolean>} whether everything is as it should be
 */
async function run(ledger) {
  const shop = await startShop(ledger.url);
  process.once('exit', shop.kill);
  print(heading('1. A shop and a ledger, both on this machine'));
  print(`  shop    ${shop.url}   (Express and pino, instrumented by OpenTelemetry)`);
  print(`  ledger  ${ledger.url}   (the ImmutableLog emulator)`);

  const answers = await visitShop(shop.url);
  print(heading(`2. Traffic: ${answers.length} requests to the shop`));
  print(trafficTable(answers));

  const report = await shop.stop();
  const events = ledger.events();
  print(heading(`3. The ledger: ${events.length} events, one per request and one per log line`));
  print('  Health checks and the spans inside a request were filtered out by the options.');
  print(ledgerTable(events));

  const order = events.find(({ payload }) => payload.includes('order by'));
  if (order !== undefined) {
    print(heading('4. One event in full: what the shop logged about an order'));
    print(eventInFull(order));
  }

  const checks = judge({
    ...report,
    events,
    receipts: ledger.receipts().length,
    violations: ledger.violations().length,
    chainHolds: ledger.verify().ok,
    bodies: ledger.requests().map(({ body }) => body),
    secrets: SECRETS,
    requests: answers.length - HEALTH_CHECKS,
  });
  print(heading('5. The accounts'));
  print(checkList(checks));
  const fine =
    checks.every(({ ok }) => ok) && answers.every(({ visit, status }) => visit.status === status);
  print(heading(fine ? 'All of it holds.' : 'Something does not hold: see above.'));
  return fine;
}

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const ledger = await createEmulator();
try {
  process.exitCode = (await run(ledger)) ? 0 : 1;
  if (values.keep) {
    print(`\nThe ledger goes on at ${ledger.url}; Ctrl-C ends it. To send it events of your own:`);
    print(`  IMTBL_URL=${ledger.url} IMTBL_API_KEY=demo node examples/direct-client/main.js`);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    print(
      `\n${ledger.events().length} events, chain ${ledger.verify().ok ? 'verified' : 'BROKEN'}`,
    );
  }
} finally {
  await ledger.close();
}
