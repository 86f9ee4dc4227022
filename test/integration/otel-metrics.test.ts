import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metrics as sdkMetrics } from '@opentelemetry/sdk-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ImmutableLogSpanExporter } from '../../src/index.ts';
import type { SpanLike } from '../../src/index.ts';
import { aSpan } from '../support/otel-records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testClient, testEmulator } from '../support/test-client.ts';

/** A provider whose metrics are collected by hand. */
function meters() {
  const exporter = new sdkMetrics.InMemoryMetricExporter(
    sdkMetrics.AggregationTemporality.CUMULATIVE,
  );
  const reader = new sdkMetrics.PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 3_600_000,
  });
  const provider = new sdkMetrics.MeterProvider({ readers: [reader] });
  onTestFinished(() => provider.shutdown());
  return {
    provider,
    async points(name: string) {
      await reader.forceFlush();
      const latest = exporter
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics);
      return latest?.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
    },
  };
}

function exported(exporter: ImmutableLogSpanExporter, spans: readonly SpanLike[]) {
  return new Promise((resolve) => {
    exporter.export(spans, resolve);
  });
}

describe('the metrics of a spool', () => {
  it('show what is on disk, how old it is, and why it stays there', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 429, times: Number.POSITIVE_INFINITY });
    const { provider, ...read } = meters();
    const spool = { directory: temporaryFolder() };
    const client = testClient(emulator.url, { spool, meterProvider: provider });
    for (let index = 0; index < 7; index += 1) {
      await client.record({ eventName: 'a.b', payload: { index } });
    }
    await expect.poll(() => client.stats().halted).toBe('quota');
    expect(await read.points('immutablelog.spool.events')).toMatchObject([
      { value: 7, attributes: { 'immutablelog.parked': 'quota_exhausted' } },
    ]);
    const [size] = await read.points('immutablelog.spool.size');
    expect(size?.value).toBeGreaterThan(7 * 100);
    expect(await read.points('immutablelog.spool.oldest.age')).toMatchObject([
      { value: expect.any(Number) as number },
    ]);
  });
});

describe('the bytes of the quarantine', () => {
  it('are counted, those of earlier processes included', async () => {
    const emulator = await testEmulator();
    emulator.fail({ status: 422, times: 3 });
    const directory = temporaryFolder();
    const { provider, ...read } = meters();
    const bytesOnDisk = (): number => {
      const folder = join(directory, 'quarantine');
      const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
      return sizes.reduce((sum, size) => sum + size, 0);
    };
    const client = testClient(emulator.url, { spool: { directory }, meterProvider: provider });
    for (let index = 0; index < 3; index += 1) {
      await client.record({ eventName: 'a.b', payload: { index } });
    }
    await expect.poll(() => client.stats().quarantined).toBe(3);
    expect(client.stats().spool?.quarantineBytes).toBe(bytesOnDisk());
    const [size] = await read.points('immutablelog.spool.quarantine.size');
    expect(size?.value).toBe(bytesOnDisk());
    await client.close();
    writeFileSync(join(directory, 'quarantine', 'damaged.bin'), 'damaged');
    const next = testClient(emulator.url, { spool: { directory } });
    await next.record({ eventName: 'a.b', payload: 'taken' });
    await expect.poll(() => next.stats().spool?.quarantineBytes).toBe(bytesOnDisk());
  });
});

describe('the metrics of an exporter', () => {
  it('count what was accepted and what was lost, and balance', async () => {
    const emulator = await testEmulator();
    const { provider, ...read } = meters();
    const exporter = new ImmutableLogSpanExporter({
      apiKey: TEST_KEY,
      url: emulator.url,
      meterProvider: provider,
    });
    onTestFinished(() => exporter.shutdown());
    const span = (spanId: string): SpanLike => {
      const context = { ...aSpan().spanContext(), spanId };
      return aSpan({ spanContext: () => context });
    };
    await exported(exporter, [span('aaaaaaaaaaaaaaa1'), span('aaaaaaaaaaaaaaa2')]);
    emulator.fail({ status: 400 });
    await exported(exporter, [span('aaaaaaaaaaaaaaa3')]);

    const counted = await read.points('otel.sdk.exporter.span.exported');
    expect(counted.map(({ value, attributes }) => [attributes['error.type'], value])).toEqual([
      [undefined, 2],
      ['rejected', 1],
    ]);
    expect(counted[0]?.attributes).toMatchObject({
      'otel.component.type': 'immutablelog_http_span_exporter',
      'otel.component.name': expect.stringMatching(/^immutablelog_http_span_exporter\/\d+$/),
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(emulator.url).port),
    });
    const [open] = await read.points('otel.sdk.exporter.span.inflight');
    expect(open?.value).toBe(0);
    expect(await read.points('otel.sdk.exporter.operation.duration')).toHaveLength(2);
  });
});
