/**
 * Draws the viewer page for the documentation, by hand and in no test run:
 *
 *   npm run build && node test/browser/screenshot.js [--dark] [FILE]
 *
 * The events are sent by the real client, redacted as always; one service sends its own without it.
 */
import { statSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';
import { createEmulator } from 'opentelemetry-exporter-immutablelog/emulator';
import { chromium } from 'playwright-core';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dark: { type: 'boolean', default: false } },
});
const [file = '.github/viewer.png'] = positionals;

const emulator = await createEmulator();
const redact = { key: { id: 'k1', secret: Buffer.alloc(32, 7) } };
const shared = { url: emulator.url, apiKey: 'local', env: 'production', redact };
const shop = new ImmutableLogClient({ ...shared, service: 'shop' });
const accounts = new ImmutableLogClient({ ...shared, service: 'accounts' });

const trace = (order) => `${(0x5b8efff7 + order * 792_917).toString(16)}98038103d269b633813fc60c`;

async function sendOrder(order) {
  const person = `customer${order}@example.com`;
  const traced = (fields) => ({ ...fields, meta: { trace_id: trace(order) } });
  await accounts.send(
    traced({
      eventName: order % 4 === 3 ? 'login.failed' : 'login.succeeded',
      type: order % 4 === 3 ? 'warning' : 'success',
      payload: { 'user.email': person, 'client.address': `203.0.113.${order}`, factor: 'totp' },
    }),
  );
  await shop.send(
    traced({
      eventName: 'order.placed',
      type: 'success',
      payload: {
        body: `order by ${person}, CPF 529.982.247-25, from 203.0.113.${order}`,
        attributes: {
          'http.request.method': 'POST',
          'http.route': '/orders',
          'http.response.status_code': 201,
          'client.address': `203.0.113.${order}`,
          'user.email': person,
        },
        order: { id: `ord_${8_100 + order}`, total_cents: 12_990 + order * 450, currency: 'BRL' },
      },
    }),
  );
  await shop.send(
    traced({
      eventName: order % 6 === 4 ? 'payment.declined' : 'payment.captured',
      type: order % 6 === 4 ? 'error' : 'success',
      payload: { order_id: `ord_${8_100 + order}`, provider: 'pix', attempt: 1 },
    }),
  );
}

/** What a service writes that has no redaction. */
async function sendRaw() {
  const meta = {
    type: 'info',
    event_name: 'invoice.mailed',
    service: 'old-billing',
    env: 'staging',
  };
  const payload = JSON.stringify({ invoice: 'inv_42', to: 'bruno@example.com', retries: 0 });
  await fetch(`${emulator.url}/v1/events`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer local',
      'content-type': 'application/json',
      'idempotency-key': 'inv_42-mailed',
    },
    body: JSON.stringify({ payload, meta }),
  });
}

for (let order = 1; order <= 11; order += 1) {
  if (order === 10) await sendRaw();
  await sendOrder(order);
}
await Promise.all([shop.close(), accounts.close()]);

const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
try {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 700 },
    colorScheme: values.dark ? 'dark' : 'light',
  });
  await page.goto(emulator.url);
  await page.locator('#chain[data-state="ok"]').waitFor();
  await page.locator('.rows .row', { hasText: 'order.placed' }).first().click();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: file });
} finally {
  await browser.close();
  await emulator.close();
}
process.stdout.write(`${file}: ${statSync(file).size} bytes\n`);
