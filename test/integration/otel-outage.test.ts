import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/emulator/index.ts';
import { expectBalance } from '../support/balance.ts';
import type { OtelSetup } from '../support/otel-setup.ts';
import { startOtel, stopOtel } from '../support/otel-setup.ts';

const QUEUED = 2_048;
let setup: OtelSetup;

afterEach(async () => {
  await stopOtel(setup);
});

const OUTAGES: Readonly<Record<string, Fault>> = {
  'answers 503': { status: 503, times: Infinity },
  hangs: { hang: true, times: Infinity },
  'cuts connections': { reset: 'before', times: Infinity },
};

function startInOutage(fault: Fault): Promise<OtelSetup> {
  return startOtel({
    exporters: {
      // No attempt and no list of retries ends while a test lives.
      timeoutMs: 3_600_000,
      retry: { maxRetries: 10_000, initialDelayMs: 100 },
      deadlineMs: 1_000,
      shutdownTimeoutMs: 300,
    },
    spanProcessors: (exporter) => [new BatchSpanProcessor(exporter)],
    logProcessors: (exporter) => [new BatchLogRecordProcessor({ exporter })],
  }).then((started) => {
    started.emulator.fail(fault);
    return started;
  });
}

describe('the SDK is shut down with 2,048 records queued while the ledger', () => {
  // The processor tells the exporter nothing of the shutdown until its exports have ended.
  it.each(Object.entries(OUTAGES))('%s: spans end within the deadline', async (_name, fault) => {
    setup = await startInOutage(fault);
    for (let index = 0; index < QUEUED; index += 1) setup.tracer.startSpan('queued').end();
    await setup.shutdown();
    // One batch that fails ends the shutdown of the processor; the others are mapped after that.
    await expect.poll(() => setup.spanExporter.stats().emitted).toBe(QUEUED);
    await expect.poll(() => setup.spanExporter.stats().inFlight).toBe(0);
    expectBalance(setup.spanExporter.stats());
    expect(setup.spanExporter.stats()).toMatchObject({ emitted: QUEUED, accepted: 0 });
  });

  // The processor exports one batch after the other and flushes each.
  it.each(Object.entries(OUTAGES))('%s: log records end batch by batch', async (_name, fault) => {
    setup = await startInOutage(fault);
    for (let index = 0; index < QUEUED; index += 1) setup.logger.emit({ body: 'queued' });
    await setup.shutdown();
    expectBalance(setup.logExporter.stats());
    expect(setup.logExporter.stats()).toMatchObject({ emitted: QUEUED, accepted: 0, inFlight: 0 });
  });
});

describe('an outage that ends', () => {
  it('costs no event, as long as it is shorter than the deadline', async () => {
    setup = await startOtel({
      exporters: { retry: { maxRetries: 1_000, initialDelayMs: 20, maxDelayMs: 50 } },
    });
    setup.emulator.fail({ status: 503, times: Infinity });
    for (let index = 0; index < 300; index += 1) {
      setup.tracer.startSpan('through the outage').end();
      setup.logger.emit({ body: 'through the outage' });
    }
    const flushed = setup.flush();
    await expect.poll(() => setup.emulator.requests().length).toBeGreaterThan(100);
    setup.emulator.heal();
    await flushed;
    const keys = new Set(setup.emulator.events().map(({ idempotencyKey }) => idempotencyKey));
    expect(keys.size).toBe(600);
    expect(setup.emulator.verify()).toMatchObject({ ok: true, events: 600 });
  });

  it('costs no event and doubles none when answers are lost', async () => {
    setup = await startOtel();
    const seen = new Set<string | undefined>();
    setup.emulator.fail({
      reset: 'after',
      times: 50,
      when: ({ headers }) => {
        const key = headers['idempotency-key'];
        if (seen.has(key)) return false;
        seen.add(key);
        return true;
      },
    });
    for (let index = 0; index < 200; index += 1) setup.logger.emit({ body: `record ${index}` });
    await setup.flush();
    expect(setup.emulator.events()).toHaveLength(200);
    const stats = setup.logExporter.stats();
    expect(stats).toMatchObject({ accepted: 200, duplicates: 50, retries: 50 });
    // A repetition is the same request, byte for byte.
    const bodies = new Map<string | undefined, string>();
    for (const { headers, body } of setup.emulator.requests()) {
      const key = headers['idempotency-key'];
      expect(bodies.get(key) ?? body).toBe(body);
      bodies.set(key, body);
    }
  });
});
