import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import {
  ImmutableLogLogRecordExporter,
  ImmutableLogLogRecordProcessor,
  ImmutableLogSpanExporter,
  ImmutableLogSpanProcessor,
} from '../../src/index.ts';
import { expectBalance } from '../support/balance.ts';
import { MODES } from '../support/modes.ts';
import { endedSpans } from '../support/otel-setup.ts';
import { clientIn, testEmulator } from '../support/test-client.ts';

const OUTAGE = { status: 503, times: Infinity } as const;
const IMPATIENT = { shutdownTimeoutMs: 100, retry: { maxRetries: 1_000, initialDelayMs: 20 } };

/** For what depends on no time: a thread may take a while to start. */
const UNHURRIED = { shutdownTimeoutMs: 30_000 };

describe.each(MODES)('a flush in an outage, delivering %s,', (_mode, options) => {
  it('ends in time, and log records go on to be exported after it', async () => {
    const emulator = await testEmulator();
    emulator.fail(OUTAGE);
    const client = clientIn(options)(emulator.url, IMPATIENT);
    const exporter = new ImmutableLogLogRecordExporter({ client });
    const processor = new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: 10 });
    const provider = new LoggerProvider({ processors: [processor] });
    const logger = provider.getLogger('test');
    logger.emit({ body: 'in the outage' });
    const flushed = provider.forceFlush();
    await expect.poll(() => emulator.requests().length).toBeGreaterThan(0);
    await expect(exporter.forceFlush()).resolves.toBeUndefined();
    expect(emulator.events()).toHaveLength(0);
    emulator.heal();
    await expect(flushed).resolves.toBeUndefined();
    for (let index = 0; index < 300; index += 1) logger.emit({ body: 'after it' });
    await expect.poll(() => emulator.events().length).toBe(301);
    expectBalance(exporter.stats());
    await provider.shutdown();
  });

  it('ends in time for spans, whose counters say what is under way', async () => {
    const emulator = await testEmulator();
    emulator.fail(OUTAGE);
    const client = clientIn(options)(emulator.url, IMPATIENT);
    const exporter = new ImmutableLogSpanExporter({ client });
    const provider = new BasicTracerProvider({
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    provider.getTracer('test').startSpan('one').end();
    const flushed = provider.forceFlush();
    await expect.poll(() => emulator.requests().length).toBeGreaterThan(0);
    await expect(exporter.forceFlush()).resolves.toBeUndefined();
    expect(exporter.stats()).toMatchObject({ emitted: 1, inFlight: 1 });
    emulator.heal();
    await flushed;
    expect(exporter.stats().accepted).toBe(1);
    await provider.shutdown();
  });
});

describe.each(MODES)('the shutdown of a processor, delivering %s,', (_mode, options) => {
  it.each([
    ['hangs', { hang: true, times: Infinity }],
    ['is in trouble', OUTAGE],
    ['cuts connections', { reset: 'before', times: Infinity }],
  ] as const)('ends in its time when the ledger %s', async (_name, fault) => {
    const emulator = await testEmulator();
    emulator.fail(fault);
    const patient = { timeoutMs: 3_600_000, deadlineMs: 3_600_000 };
    const client = clientIn(options)(emulator.url, { ...IMPATIENT, ...patient });
    const processor = new ImmutableLogSpanProcessor({ client });
    const provider = new BasicTracerProvider({ spanProcessors: [processor] });
    for (let index = 0; index < 100; index += 1) provider.getTracer('t').startSpan('span').end();
    await provider.shutdown();
    const { emitted, inFlight, dropped } = processor.stats();
    expect({ emitted, inFlight, shutdown: dropped.shutdown }).toEqual({
      emitted: 100,
      inFlight: 0,
      shutdown: 100,
    });
  });
});

describe.each(MODES)('what was handed in is the caller’s again at once, %s:', (_mode, options) => {
  it('an array of spans may be emptied', async () => {
    const emulator = await testEmulator();
    const exporter = new ImmutableLogSpanExporter({
      client: clientIn(options)(emulator.url, UNHURRIED),
    });
    const spans = endedSpans(64);
    const codes: number[] = [];
    exporter.export(spans, ({ code }) => codes.push(code));
    spans.length = 0;
    await exporter.forceFlush();
    expect(codes).toEqual([0]);
    expect(emulator.events()).toHaveLength(64);
    await exporter.shutdown();
  });

  it('an array of events may be emptied, and the first events changed', async () => {
    const emulator = await testEmulator();
    const client = clientIn(options)(emulator.url, UNHURRIED);
    const events = Array.from({ length: 300 }, (_, index) => ({
      eventName: 'order.placed',
      payload: { index: String(index) },
    }));
    const sent = client.sendBatch(events);
    const [first] = events;
    if (first !== undefined) first.payload.index = 'changed since';
    events.length = 0;
    const results = await sent;
    expect(results.filter(({ ok }) => ok)).toHaveLength(300);
    expect(JSON.stringify(emulator.events())).not.toContain('changed since');
  });

  it('a body may be changed after emit(), where our processor stands', async () => {
    const emulator = await testEmulator();
    const client = clientIn(options)(emulator.url, UNHURRIED);
    const processor = new ImmutableLogLogRecordProcessor({ client });
    const logger = new LoggerProvider({ processors: [processor] }).getLogger('test');
    const body = { order: 'before' };
    logger.emit({ body });
    body.order = 'changed';
    await processor.forceFlush();
    const told = JSON.stringify(emulator.events());
    expect(told).toContain('before');
    expect(told).not.toContain('changed');
  });

  it('callbacks run outside of the request that sent the event', async () => {
    const emulator = await testEmulator();
    const requests = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const onReceipt = (): void => void seen.push(requests.getStore());
    const client = clientIn(options)(emulator.url, { ...UNHURRIED, onReceipt });
    requests.run('request 1', () => {
      client.sendAsync({ eventName: 'a.b', payload: {} });
    });
    await client.flush();
    expect(seen).toEqual([undefined]);
  });
});

describe('records that come too late or are too many', () => {
  it('are counted when they come after shutdown()', async () => {
    const emulator = await testEmulator();
    const exporter = new ImmutableLogSpanExporter({ client: clientIn({})(emulator.url) });
    await exporter.shutdown();
    const codes: number[] = [];
    exporter.export(endedSpans(3), ({ code }) => codes.push(code));
    await expect.poll(() => codes).toEqual([1]);
    expect(exporter.stats()).toMatchObject({ emitted: 3, dropped: { shutdown: 3 } });
    expectBalance(exporter.stats());
  });

  it('are lost before they are mapped when their time is over', async () => {
    const emulator = await testEmulator();
    const client = clientIn({})(emulator.url, { deadlineMs: 20 });
    let mapped = 0;
    const spans = (): boolean => {
      const until = performance.now() + 1;
      while (performance.now() < until);
      mapped += 1;
      return true;
    };
    const exporter = new ImmutableLogSpanExporter({ client, spans });
    const codes: number[] = [];
    exporter.export(endedSpans(512), ({ code }) => codes.push(code));
    await expect.poll(() => codes).toEqual([1]);
    expect(mapped).toBeLessThan(512);
    const { emitted, dropped } = exporter.stats();
    expect(emitted).toBe(512);
    expect(dropped.deadline).toBeGreaterThanOrEqual(512 - mapped);
    expectBalance(exporter.stats());
  });

  it('end in time although a resource never knows its attributes', async () => {
    const emulator = await testEmulator();
    const options = { shutdownTimeoutMs: 200, timeoutMs: 3_600_000 };
    const client = clientIn({})(emulator.url, options);
    const exporter = new ImmutableLogSpanExporter({ client });
    const resource = {
      asyncAttributesPending: true,
      attributes: {},
      waitForAsyncAttributes: () => new Promise<void>(() => {}),
    };
    const [span] = endedSpans(1);
    const codes: number[] = [];
    const pending: unknown = Object.create(span ?? null, { resource: { value: resource } });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a span but for its resource
    exporter.export([pending as ReadableSpan], ({ code }) => codes.push(code));
    await exporter.forceFlush();
    await exporter.shutdown();
    await expect.poll(() => codes).toEqual([1]);
    expectBalance(exporter.stats());
  });

  it('are refused before they are mapped once there is no room, whatever overlaps', async () => {
    const emulator = await testEmulator();
    emulator.fail({ hang: true, times: Infinity });
    const maxPendingBytes = 500_000;
    const client = clientIn({})(emulator.url, { maxPendingBytes, deadlineMs: 1_500 });
    let mapped = 0;
    const exporter = new ImmutableLogSpanExporter({ client, spans: () => (mapped += 1) > 0 });
    const spans = endedSpans(512);
    const codes: number[] = [];
    let most = 0;
    for (let batch = 0; batch < 40; batch += 1) {
      exporter.export([...spans], ({ code }) => codes.push(code));
      most = Math.max(most, client.stats().pendingBytes);
    }
    await expect.poll(() => codes.length).toBe(40);
    expect(new Set(codes)).toEqual(new Set([1]));
    expect(most).toBeLessThanOrEqual(maxPendingBytes);
    const { emitted, dropped } = exporter.stats();
    expect(emitted).toBe(40 * 512);
    expect(mapped).toBeLessThan(1_000);
    expect(dropped.queue_full).toBeGreaterThan(19_000);
    expectBalance(exporter.stats());
  });
});
