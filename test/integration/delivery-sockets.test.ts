import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClientOptions } from '../../src/config/options.ts';
import { ImmutableLogLogRecordExporter } from '../../src/exporters/exporters.ts';
import { aLog } from '../support/otel-records.ts';
import { testClient } from '../support/test-client.ts';

const event = { eventName: 'payment.captured', payload: { amount: 9_900 } };
const eight = Array.from({ length: 8 }, () => event);

/** A ledger that counts its connections. */
interface CountingLedger {
  readonly url: string;
  readonly sockets: () => number;
  /** Answers are held back until so many requests wait for one. */
  together: number;
  headers: Readonly<Record<string, string>>;
}

/** @param statuses - of the answers, over and over */
async function countingLedger(...statuses: readonly number[]): Promise<CountingLedger> {
  let sockets = 0;
  let answered = 0;
  let waiting: ServerResponse[] = [];
  const server: Server = createServer((request, response) => {
    request.resume().once('end', () => {
      waiting.push(response);
      if (waiting.length < ledger.together) return;
      const together = waiting;
      waiting = [];
      for (const each of together) {
        const status = statuses[answered % statuses.length] ?? 202;
        answered += 1;
        each.writeHead(status, ledger.headers).end('{"ok":true}');
      }
    });
  });
  server.on('connection', () => (sockets += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  // An address of a listening TCP server is never a path.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const ledger: CountingLedger = { url, sockets: () => sockets, together: 1, headers: {} };
  return ledger;
}

const options: ClientOptions = { concurrency: 8, retry: { initialDelayMs: 1, maxDelayMs: 1 } };

describe('the sockets to the ledger', () => {
  it('are one where one event is sent after another', async () => {
    const ledger = await countingLedger();
    const client = testClient(ledger.url, options);
    for (let round = 0; round < 20; round += 1) await client.send(event);
    expect(ledger.sockets()).toBe(1);
  });

  it('are one where one batch of one record is exported after another', async () => {
    const ledger = await countingLedger();
    const exporter = new ImmutableLogLogRecordExporter({
      client: testClient(ledger.url, options),
    });
    for (let round = 0; round < 20; round += 1) {
      await new Promise((resolve) => {
        exporter.export([aLog({ body: `${round}` })], resolve);
      });
    }
    expect(ledger.sockets()).toBe(1);
  });

  it('are one where the ledger refuses every other event, or is in trouble', async () => {
    const ledger = await countingLedger(202, 400, 202, 500, 202);
    const client = testClient(ledger.url, options);
    for (let round = 0; round < 20; round += 1) await client.send(event).catch(() => {});
    expect(ledger.sockets()).toBe(1);
  });

  it('are one also where the dispatcher is that of the caller', async () => {
    const ledger = await countingLedger();
    const dispatcher = new Agent();
    onTestFinished(() => dispatcher.close());
    const client = testClient(ledger.url, { ...options, dispatcher });
    for (let round = 0; round < 20; round += 1) await client.send(event);
    expect(ledger.sockets()).toBe(1);
  });

  it('are one where the ledger says how long it keeps it', async () => {
    const ledger = await countingLedger();
    ledger.headers = { 'keep-alive': 'timeout=60' };
    const client = testClient(ledger.url, options);
    for (let round = 0; round < 20; round += 1) await client.send(event);
    expect(ledger.sockets()).toBe(1);
  });

  it('are one for each event where the ledger closes it with its answer', async () => {
    const ledger = await countingLedger();
    ledger.headers = { connection: 'close' };
    const client = testClient(ledger.url, options);
    for (let round = 0; round < 5; round += 1) await client.send(event);
    expect(ledger.sockets()).toBe(5);
    expect(client.stats().retries).toBe(0);
  });

  it('are as many as requests at the same time, batch after batch', async () => {
    const ledger = await countingLedger();
    const client = testClient(ledger.url, options);
    // An unproven key is tried by few requests.
    await client.send(event);
    ledger.together = 8;
    for (let round = 0; round < 20; round += 1) await client.sendBatch(eight);
    expect(ledger.sockets()).toBe(8);
  });

  it('are as many as requests at the same time where smaller batches follow', async () => {
    const ledger = await countingLedger();
    const client = testClient(ledger.url, { ...options, concurrency: 32 });
    await client.send(event);
    for (const together of [4, 2, 3, 4, 1, 4]) {
      ledger.together = together;
      await client.sendBatch(eight.slice(0, together));
    }
    expect(ledger.sockets()).toBe(4);
  });

  it('are no more where a receipt leads to the next event at once', async () => {
    const ledger = await countingLedger();
    let sent = 1;
    const done = new Promise<void>((resolve) => {
      const onReceipt = (): void => {
        if (sent === 20) resolve();
        else {
          sent += 1;
          client.sendAsync(event);
        }
      };
      const client = testClient(ledger.url, { ...options, onReceipt });
      client.sendAsync(event);
    });
    await done;
    expect(ledger.sockets()).toBe(1);
  });
});
