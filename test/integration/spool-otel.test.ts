import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { describe, expect, it } from 'vitest';
import {
  ImmutableLogLogRecordProcessor,
  ImmutableLogSpanExporter,
  ImmutableLogSpanProcessor,
} from '../../src/index.ts';
import { expectBalance } from '../support/balance.ts';
import { MODES } from '../support/modes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, clientIn, testEmulator } from '../support/test-client.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };

describe.each(MODES)('the exporters with a spool, delivering %s,', (_where, mode) => {
  it('report success once a batch is on disk, although the ledger is down', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 503, ...ALWAYS });
    const options = { ...mode, spool: { directory: temporaryFolder() }, shutdownTimeoutMs: 100 };
    const exporter = new ImmutableLogSpanExporter({
      apiKey: TEST_KEY,
      url: emulator.url,
      ...options,
    });
    const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
    const tracer = provider.getTracer('test');
    for (let index = 0; index < 600; index += 1) tracer.startSpan('work').end();
    await provider.forceFlush();
    expect(exporter.stats()).toMatchObject({ emitted: 600, spooled: 600, inFlight: 0 });
    expectBalance(exporter.stats());
    await provider.shutdown();
    expect(exporter.stats()).toMatchObject({ spooled: 600 });
  });
});

describe.each(MODES)('the processors, delivering %s,', (_where, mode) => {
  const testClient = clientIn(mode);

  it('put each span and record on disk as it ends, and deliver it', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, {
      spool: { directory: temporaryFolder() },
      shutdownTimeoutMs: 5_000,
    });
    const spans = new ImmutableLogSpanProcessor({ client });
    const logs = new ImmutableLogLogRecordProcessor({ client });
    const tracers = new NodeTracerProvider({ spanProcessors: [spans] });
    const loggers = new LoggerProvider({ processors: [logs] });
    for (let index = 0; index < 300; index += 1) {
      tracers.getTracer('test').startSpan(`span-${index}`).end();
      loggers.getLogger('test').emit({ body: `record ${index}` });
    }
    await Promise.all([tracers.forceFlush(), loggers.forceFlush()]);
    for (const processor of [spans, logs]) {
      const { emitted, inFlight } = processor.stats();
      expect({ emitted, inFlight }).toEqual({ emitted: 300, inFlight: 0 });
      expectBalance(processor.stats());
    }
    await client.flush();
    expect(emulator.events()).toHaveLength(600);
    expect([spans.stats().accepted, logs.stats().accepted]).toEqual([300, 300]);
    await Promise.all([tracers.shutdown(), loggers.shutdown()]);
    expectBalance(client.stats());
  });

  it('refuse and count what comes after shutdown', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { spool: { directory: temporaryFolder() } });
    const logs = new ImmutableLogLogRecordProcessor({ client });
    const loggers = new LoggerProvider({ processors: [logs] });
    const logger = loggers.getLogger('test');
    await logs.shutdown();
    logger.emit({ body: 'too late' });
    expect(logs.stats()).toMatchObject({ emitted: 1, dropped: { shutdown: 1 } });
    expectBalance(logs.stats());
  });

  it('leave out spans that were not sampled, and what the options leave out', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url, { spool: { directory: temporaryFolder() } });
    const spans = new ImmutableLogSpanProcessor({ client, spans: (span) => span.name !== 'no' });
    const tracers = new NodeTracerProvider({ spanProcessors: [spans] });
    tracers.getTracer('test').startSpan('yes').end();
    tracers.getTracer('test').startSpan('no').end();
    await client.flush();
    expect(spans.stats()).toMatchObject({ emitted: 2, filtered: 1, accepted: 1 });
  });

  it('send from memory without a spool', async () => {
    const emulator = await testEmulator();
    const client = testClient(emulator.url);
    const spans = new ImmutableLogSpanProcessor({ client });
    const tracers = new NodeTracerProvider({ spanProcessors: [spans] });
    tracers.getTracer('test').startSpan('one').end();
    await client.flush();
    expect(spans.stats()).toMatchObject({ emitted: 1, accepted: 1 });
    expect(emulator.events()).toHaveLength(1);
  });
});
