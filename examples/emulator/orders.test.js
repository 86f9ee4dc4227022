/**
 * Tests against a ledger of their own, with its faults.
 *
 *   node --test examples/emulator/orders.test.js
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ImmutableLogClient, isExporterError } from 'opentelemetry-exporter-immutablelog';
import { createEmulator } from 'opentelemetry-exporter-immutablelog/emulator';
import { placeOrder } from './orders.js';

/** @type {import('opentelemetry-exporter-immutablelog/emulator').Emulator} */
let ledger;
/** @type {ImmutableLogClient} */
let client;

beforeEach(async () => {
  ledger = await createEmulator(); // any free port, in memory
  client = new ImmutableLogClient({
    url: ledger.url,
    apiKey: 'test',
    retry: { initialDelayMs: 1 }, // a test waits for nothing
  });
});

afterEach(async () => {
  await client.close();
  await ledger.close();
});

const order = { id: '1001', email: 'ana@example.com' };

await test('an order leaves one event, without the address', async () => {
  const txId = await placeOrder(client, order);
  const [event] = ledger.events();
  assert.equal(event?.txId, txId);
  assert.equal(event?.eventName, 'order.placed');
  assert.ok(!ledger.requests().some(({ body }) => body.includes('ana@example.com')));
});

await test('an outage and a lost answer leave one event all the same', async () => {
  ledger.fail([{ status: 503, times: 2 }, { reset: 'after' }]); // then ordinary service
  await placeOrder(client, order);
  assert.equal(ledger.requests().length, 4);
  assert.equal(ledger.events().length, 1);
  assert.ok(ledger.verify().ok);
});

await test('a refused event is an error with its reason', async () => {
  ledger.fail({ status: 422, when: ({ body }) => body.includes('order.placed') });
  await assert.rejects(
    placeOrder(client, order),
    (error) => isExporterError(error) && error.code === 'rejected',
  );
});
