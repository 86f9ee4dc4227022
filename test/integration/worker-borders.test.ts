import { context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isMainThread } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testClient, testEmulator } from '../support/test-client.ts';

const event = { eventName: 'user.created', payload: { user_id: 'usr_1' } };

describe('a client that delivers in a thread', () => {
  it('asks the function for the key on the main thread, untraced', async () => {
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    onTestFinished(() => context.disable());
    const seen: boolean[] = [];
    const apiKey = async (): Promise<string> => {
      await Promise.resolve();
      seen.push(isMainThread, isTracingSuppressed(context.active()));
      return ` ${TEST_KEY} `;
    };
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { worker: true, apiKey });
    await Promise.all([client.send(event), client.send(event)]);
    await client.send(event);
    expect(emulator.events()).toHaveLength(3);
    // The pool of the test runner is made of processes: this is a main thread.
    expect(seen).toEqual([isMainThread, true]);
  });

  it('tries again after the function for the key failed', async () => {
    let asked = 0;
    const apiKey = (): string => {
      asked += 1;
      if (asked === 1) throw new Error('no secret store');
      return TEST_KEY;
    };
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { worker: true, apiKey });
    await expect(client.send(event)).resolves.toMatchObject({ status: 'accepted' });
    expect(client.stats().retries).toBe(1);
  });

  it('stops when the function gives no key that could be one', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { worker: true, apiKey: () => 'two words' });
    await expect(client.send(event)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(emulator.requests()).toEqual([]);
    expect(client.stats().halted).toBe('misconfigured');
  });

  it('counts what is taken out of the words of the ledger', async () => {
    const emulator = await testEmulator();
    const reason = 'no mail to ana@example.com';
    emulator.fail({ status: 422, body: JSON.stringify({ ok: false, reason }) });
    const spool = { directory: temporaryFolder() };
    const client = testClient(emulator.url, { worker: true, spool });
    await client.record(event);
    await eventually(() => client.stats().quarantined === 1);
    expect(client.stats().redactions.hash).toEqual({ email: 1 });
  });

  it('gives each callback what it gives on the main thread', async () => {
    const emulator = await testEmulator();
    const receipts: unknown[] = [];
    const spool = { directory: temporaryFolder() };
    const onReceipt = (...given: unknown[]): void => {
      receipts.push(given);
    };
    for (const worker of [false, true]) {
      const client = testClient(emulator.url, { worker, spool, onReceipt });
      await client.record({ ...event, requestId: 'r', idempotencyKey: 'once' });
      await client.flush();
      await client.close();
    }
    const meta = { event_name: 'user.created', request_id: 'r' };
    const told = { idempotencyKey: 'once', txId: emulator.events()[0]?.txId, status: 'accepted' };
    expect(receipts).toMatchObject([
      [
        { ...told, duplicate: false },
        { idempotencyKey: 'once', meta },
      ],
      [
        { ...told, duplicate: true },
        { idempotencyKey: 'once', meta },
      ],
    ]);
  });

  it('lets the age of the oldest event on disk grow while nothing happens', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 429, times: Infinity });
    const spool = { directory: temporaryFolder() };
    const client = testClient(emulator.url, { worker: true, spool });
    await client.record(event);
    await eventually(() => client.stats().halted === 'quota');
    const before = client.stats().spool?.oldestAgeMs ?? 0;
    await expect.poll(() => client.stats().spool?.oldestAgeMs).toBeGreaterThan(before + 20);
  });

  it('knows without an event that a throttle is over', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 429, headers: { 'retry-after': '1' } });
    const client = testClient(emulator.url, { worker: true });
    await expect(client.send(event)).rejects.toMatchObject({ code: 'quota_exhausted' });
    expect(client.stats().halted).toBe('quota');
    await eventually(() => client.stats().halted === undefined);
  });

  it('is a thread: undici of this one sends nothing', async () => {
    const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
    const sent: string[] = [];
    const listen = (): void => void sent.push('request');
    subscribe('undici:request:create', listen);
    onTestFinished(() => void unsubscribe('undici:request:create', listen));
    const emulator = await testEmulator();
    await testClient(emulator.url, { worker: true }).send(event);
    expect(sent).toEqual([]);
    await testClient(emulator.url).send(event);
    expect(sent).toEqual(['request']);
  });
});
