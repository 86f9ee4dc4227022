import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import type { ImmutableLogOptions } from '../../src/index.ts';
import {
  ImmutableLogClient,
  ImmutableLogLogRecordExporter,
  ImmutableLogSpanExporter,
  isExporterError,
} from '../../src/index.ts';
import { expectBalance } from '../support/balance.ts';
import { MODES } from '../support/modes.ts';
import { endedSpans, exporterOptions, logWitness, spanWitness } from '../support/otel-setup.ts';

interface Result {
  readonly code: number;
  readonly error?: Error;
}

let emulator: Emulator;
/** Where the exporters of a test deliver. */
let mode: ImmutableLogOptions;
/** Ends whatever a test leaves open. */
let exporters: { shutdown(): Promise<void> }[];

beforeEach(async () => {
  emulator = await createEmulator();
  exporters = [];
});

afterEach(async () => {
  await Promise.all(exporters.map((exporter) => exporter.shutdown()));
  await emulator.close();
});

function spanExporter(options: ImmutableLogOptions = {}): ImmutableLogSpanExporter {
  const exporter = new ImmutableLogSpanExporter(exporterOptions(emulator, { ...mode, ...options }));
  exporters.push(exporter);
  return exporter;
}

function logExporter(options: ImmutableLogOptions = {}): ImmutableLogLogRecordExporter {
  const exporter = new ImmutableLogLogRecordExporter(
    exporterOptions(emulator, { ...mode, ...options }),
  );
  exporters.push(exporter);
  return exporter;
}

function emittedRecords(count: number): ReadableLogRecord[] {
  const records: ReadableLogRecord[] = [];
  const provider = new LoggerProvider({ processors: [logWitness(records)] });
  for (let index = 0; index < count; index += 1) {
    provider.getLogger('test').emit({ body: `record ${index}` });
  }
  return records;
}

/** Times that no test lives to see the end of. */
const PATIENCE: ImmutableLogOptions = {
  timeoutMs: 3_600_000,
  deadlineMs: 3_600_000,
  shutdownTimeoutMs: 3_600_000,
  retry: { maxRetries: 5, initialDelayMs: 600_000, maxDelayMs: 600_000 },
};

/** An exporter of either signal. */
interface Exporter<T> {
  export(records: readonly T[], callback: (result: Result) => void): void;
}

function exported<T>(exporter: Exporter<T>, records: readonly T[]): Promise<Result> {
  return new Promise((resolve) => {
    exporter.export(records, resolve);
  });
}

function codeOf(result: Result | undefined): string | undefined {
  return isExporterError(result?.error) ? result.error.code : undefined;
}

/**
 * Resolves when so many answers of a failing ledger have reached the exporter: those that were
 * written before a later record was sent are read before its answer.
 */
async function failed(exporter: ImmutableLogSpanExporter, count: number): Promise<void> {
  const sent = (): number => emulator.requests().filter(({ status }) => status === 503).length;
  await expect.poll(sent).toBe(count);
  expect((await exported(exporter, endedSpans(1))).code).toBe(0);
}

describe.each(MODES)('exporters that deliver %s:', (_where, chosen) => {
  beforeEach(() => {
    mode = chosen;
  });

  describe('after shutdown', () => {
    it('export of spans reports failure and sends nothing', async () => {
      const exporter = spanExporter();
      await exporter.shutdown();
      const result = await exported(exporter, endedSpans(3));
      expect([result.code, codeOf(result)]).toEqual([1, 'shutdown']);
      expect(emulator.requests()).toEqual([]);
    });

    it('export of log records reports failure and sends nothing', async () => {
      const exporter = logExporter();
      await exporter.shutdown();
      const result = await exported(exporter, emittedRecords(3));
      expect([result.code, codeOf(result)]).toEqual([1, 'shutdown']);
      expect(emulator.requests()).toEqual([]);
    });

    it('forceFlush and a second shutdown resolve', async () => {
      const exporter = spanExporter();
      await exporter.shutdown();
      await expect(exporter.forceFlush()).resolves.toBeUndefined();
      await expect(exporter.shutdown()).resolves.toBeUndefined();
    });
  });

  describe('shutdown', () => {
    it.each([
      ['hangs', { hang: true, times: Infinity }],
      ['drips its answers', { slowHeadersMs: 10_000, times: Infinity }],
      ['is down, with long waits between retries', { status: 503, times: Infinity }],
    ] as const)('ends by its own time when the ledger %s', async (_name, fault) => {
      emulator.fail(fault);
      // All other times end after the test would; the unit tests of the core show the exact bound.
      const exporter = spanExporter({ ...PATIENCE, shutdownTimeoutMs: 300 });
      const result = exported(exporter, endedSpans(40));
      await expect.poll(() => emulator.requests().length).toBeGreaterThanOrEqual(32);
      await exporter.shutdown();
      expect((await result).code).toBe(1);
      expectBalance(exporter.stats());
      expect(exporter.stats()).toMatchObject({ emitted: 40, accepted: 0, inFlight: 0 });
      expect(exporter.stats().dropped.shutdown).toBe(40);
    });

    it('makes one last attempt for events that wait for their next', async () => {
      emulator.fail({ status: 503, times: 5 });
      const exporter = spanExporter(PATIENCE);
      const result = exported(exporter, endedSpans(5));
      await failed(exporter, 5);
      await exporter.shutdown();
      expect((await result).code).toBe(0);
      expect(emulator.events()).toHaveLength(6);
    });

    it('of SimpleSpanProcessor drains what is in flight', async () => {
      emulator.fail({ delayMs: 100, times: Infinity });
      const exporter = spanExporter();
      const provider = new BasicTracerProvider({
        spanProcessors: [new SimpleSpanProcessor(exporter)],
      });
      for (let index = 0; index < 50; index += 1) {
        provider.getTracer('test').startSpan('simple').end();
      }
      await provider.shutdown();
      expect(exporter.stats()).toMatchObject({ emitted: 50, accepted: 50, inFlight: 0 });
      expect(emulator.events()).toHaveLength(50);
    });

    it('of SimpleLogRecordProcessor drains what is in flight', async () => {
      emulator.fail({ delayMs: 100, times: Infinity });
      const exporter = logExporter();
      const provider = new LoggerProvider({
        processors: [new SimpleLogRecordProcessor({ exporter })],
      });
      for (let index = 0; index < 50; index += 1) {
        provider.getLogger('test').emit({ body: 'simple' });
      }
      await provider.shutdown();
      expect(exporter.stats()).toMatchObject({ emitted: 50, accepted: 50, inFlight: 0 });
      expect(emulator.events()).toHaveLength(50);
    });
  });

  describe('forceFlush', () => {
    it('resolves when everything handed over before is in the ledger', async () => {
      emulator.fail({ delayMs: 50, times: Infinity });
      const exporter = logExporter();
      const results = [0, 1, 2].map(() => exported(exporter, emittedRecords(20)));
      await exporter.forceFlush();
      expect(emulator.events()).toHaveLength(60);
      expect((await Promise.all(results)).map(({ code }) => code)).toEqual([0, 0, 0]);
    });

    it('cuts waits between retries short', async () => {
      emulator.fail({ status: 503, times: 10 });
      const exporter = spanExporter(PATIENCE);
      const result = exported(exporter, endedSpans(10));
      await failed(exporter, 10);
      await exporter.forceFlush();
      expect((await result).code).toBe(0);
      expect(emulator.events()).toHaveLength(11);
    });

    it('leaves no wait to an attempt that was under way when it was asked for', async () => {
      emulator.fail({ status: 503, delayMs: 200, times: 3 });
      const exporter = spanExporter(PATIENCE);
      const result = exported(exporter, endedSpans(3));
      await expect.poll(() => emulator.requests().length).toBe(3);
      await exporter.forceFlush();
      expect((await result).code).toBe(0);
      expect(emulator.events()).toHaveLength(3);
    });

    it('never rejects; the counters say what is still under way at its end', async () => {
      emulator.fail({ hang: true, times: Infinity });
      const exporter = spanExporter({ shutdownTimeoutMs: 200 });
      void exported(exporter, endedSpans(3));
      await expect(exporter.forceFlush()).resolves.toBeUndefined();
      expect(exporter.stats()).toMatchObject({ emitted: 3, inFlight: 3 });
    });

    it('is safe together with shutdown', async () => {
      emulator.fail({ delayMs: 30, times: Infinity });
      const exporter = spanExporter();
      let calls = 0;
      exporter.export(endedSpans(100), () => {
        calls += 1;
      });
      const [first, ...others] = await Promise.allSettled([
        exporter.forceFlush(),
        exporter.shutdown(),
        exporter.forceFlush(),
        exporter.shutdown(),
      ]);
      expect([first, ...others].map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
      expect(calls).toBe(1);
      expect(emulator.events()).toHaveLength(100);
    });
  });

  describe('export', () => {
    it('waits for resource attributes that are still being detected', async () => {
      let detected: (name: string) => void = () => {};
      const hostName = new Promise<string>((resolve) => {
        detected = resolve;
      });
      const spans: ReadableSpan[] = [];
      const provider = new BasicTracerProvider({
        resource: resourceFromAttributes({ 'service.name': 'late', 'host.name': hostName }),
        spanProcessors: [spanWitness(spans)],
      });
      provider.getTracer('test').startSpan('early').end();
      const exporter = spanExporter();
      const result = exported(exporter, spans);
      detected('web-9');
      expect((await result).code).toBe(0);
      const [entry] = emulator.events();
      expect(JSON.parse(entry?.payload ?? '{}').resource).toEqual({
        'service.name': 'late',
        'host.name': 'web-9',
      });
      expect(entry?.service).toBe('late');
    });

    it('goes out without attributes that are never detected', async () => {
      const spans: ReadableSpan[] = [];
      const provider = new BasicTracerProvider({
        resource: resourceFromAttributes({
          'service.name': 'stuck',
          'host.name': new Promise<string>(() => {}),
        }),
        spanProcessors: [spanWitness(spans)],
      });
      provider.getTracer('test').startSpan('early').end();
      const exporter = spanExporter({ timeoutMs: 1_000 });
      expect((await exported(exporter, spans)).code).toBe(0);
      expect(emulator.events()[0]?.service).toBe('stuck');
    });

    it('of the same span twice makes one event', async () => {
      const exporter = spanExporter();
      const spans = endedSpans(1);
      const results = [await exported(exporter, spans), await exported(exporter, spans)];
      expect(results.map(({ code }) => code)).toEqual([0, 0]);
      expect(emulator.events()).toHaveLength(1);
      expect(exporter.stats()).toMatchObject({ emitted: 2, accepted: 2, duplicates: 1 });
    });

    it('of the same log record twice makes one event', async () => {
      const exporter = logExporter();
      const records = emittedRecords(1);
      await exported(exporter, records);
      await exported(exporter, records);
      expect(emulator.events()).toHaveLength(1);
      expect(exporter.stats()).toMatchObject({ emitted: 2, accepted: 2, duplicates: 1 });
    });

    it('of nothing is a success', async () => {
      expect(await exported(spanExporter(), [])).toEqual({ code: 0 });
    });

    it.each([
      ['a success', {}],
      ['a refusal', { status: 400, times: Infinity }],
      ['a lost connection', { reset: 'before', times: Infinity }],
      ['a used-up quota', { status: 429 }],
      ['a refused key', { status: 401, times: Infinity }],
    ] as const)('calls back once after %s', async (_name, fault) => {
      emulator.fail(fault);
      const retry = { maxRetries: 1, initialDelayMs: 1 };
      const exporter = spanExporter({ retry, deadlineMs: 5_000 });
      const codes: number[] = [];
      exporter.export(endedSpans(5), ({ code }) => codes.push(code));
      await exporter.forceFlush();
      await exporter.shutdown();
      expect(codes).toEqual([Object.keys(fault).length === 0 ? 0 : 1]);
      expectBalance(exporter.stats());
    });

    it('survives a callback that throws', async () => {
      const exporter = spanExporter();
      exporter.export(endedSpans(1), () => {
        throw new Error('in the callback');
      });
      await exporter.forceFlush();
      expect((await exported(exporter, endedSpans(1))).code).toBe(0);
    });

    it('says how many of a batch were lost, and why, without their content', async () => {
      emulator.fail({ status: 422, times: 2 });
      const exporter = spanExporter();
      const result = await exported(exporter, endedSpans(6));
      expect(codeOf(result)).toBe('rejected');
      expect(result.error?.message).toContain('2 of 6 events were not accepted: 2 rejected');
    });
  });

  describe('two exporters that share a client', () => {
    it('live and end on their own', async () => {
      const client = new ImmutableLogClient(exporterOptions(emulator, mode));
      const spans = new ImmutableLogSpanExporter({ client });
      const logs = new ImmutableLogLogRecordExporter({ client });
      await exported(spans, endedSpans(2));
      await spans.shutdown();
      expect((await exported(spans, endedSpans(1))).code).toBe(1);
      expect((await exported(logs, emittedRecords(3))).code).toBe(0);
      await logs.shutdown();
      await expect(client.send({ eventName: 'still.open', payload: {} })).resolves.toMatchObject({
        duplicate: false,
      });
      expect(emulator.events()).toHaveLength(6);
      expect(client.stats()).toMatchObject({ emitted: 7, accepted: 6, dropped: { shutdown: 1 } });
      expectBalance(client.stats());
      await client.close();
    });

    it('end with the client', async () => {
      const client = new ImmutableLogClient(exporterOptions(emulator, mode));
      const exporter = new ImmutableLogSpanExporter({ client });
      await client.close();
      const result = await exported(exporter, endedSpans(2));
      expect([result.code, codeOf(result)]).toEqual([1, 'shutdown']);
      expect(emulator.requests()).toEqual([]);
      await exporter.shutdown();
    });
  });
});
