import type { DiagLogger } from '@opentelemetry/api';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import { BatchLogRecordProcessor, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { afterEach, describe, expect, it } from 'vitest';
import { expectBalance } from '../support/balance.ts';
import type { OtelSetup } from '../support/otel-setup.ts';
import { exporterOptions, startOtel, stopOtel } from '../support/otel-setup.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { ImmutableLogClient } from '../../src/index.ts';

let setup: OtelSetup;

afterEach(async () => {
  await stopOtel(setup);
});

/** Counts the batches that reach an exporter. */
function counted(exporter: LogRecordExporter, onExport: () => void): LogRecordExporter {
  return {
    export(records, callback) {
      onExport();
      exporter.export(records, callback);
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

/** A program's diagnostics as log records of the program itself. */
function diagToLogs(): DiagLogger {
  const emit = (...parts: readonly unknown[]): void => {
    setup.logger.emit({ body: parts.join(' '), attributes: { source: 'diag' } });
  };
  return { error: emit, warn: emit, info: emit, debug: emit, verbose: emit };
}

/** Resolves when nothing was exported for a while. */
async function quiet(exports: () => number): Promise<void> {
  let before = -1;
  await expect
    .poll(
      () => {
        const still = exports() === before;
        before = exports();
        return still;
      },
      { interval: 300 },
    )
    .toBe(true);
}

describe('diagnostics routed into the logs pipeline', () => {
  it.each([
    ['a used-up quota', { status: 429, times: Infinity }],
    ['a refused key', { status: 401, times: Infinity }],
    ['refused events', { status: 400, times: Infinity }],
    ['an outage', { status: 503, times: Infinity }],
    ['lost connections', { reset: 'before', times: Infinity }],
  ] as const)('never feed themselves under %s', async (_name, fault) => {
    let exports = 0;
    setup = await startOtel({
      exporters: { retry: { maxRetries: 1, initialDelayMs: 1 }, deadlineMs: 2_000 },
      logProcessors: (exporter) => [
        new BatchLogRecordProcessor({
          exporter: counted(exporter, () => {
            exports += 1;
          }),
          scheduledDelayMillis: 5,
        }),
      ],
    });
    diag.setLogger(diagToLogs(), DiagLogLevel.ALL);
    setup.emulator.fail(fault);
    setup.logger.emit({ body: 'the only record of the program' });
    await expect.poll(() => exports).toBeGreaterThan(0);
    await quiet(() => exports);
    expect(exports).toBeLessThan(10);
    expectBalance(setup.logExporter.stats());
  });

  it('never feed themselves through the simple processor', async () => {
    let exports = 0;
    setup = await startOtel({
      exporters: { retry: { maxRetries: 0 } },
      logProcessors: (exporter) => [
        new SimpleLogRecordProcessor({
          exporter: counted(exporter, () => {
            exports += 1;
          }),
        }),
      ],
    });
    diag.setLogger(diagToLogs(), DiagLogLevel.ALL);
    setup.emulator.fail({ status: 400, times: Infinity });
    setup.logger.emit({ body: 'the only record of the program' });
    await expect.poll(() => exports).toBeGreaterThan(0);
    await quiet(() => exports);
    expect(exports).toBeLessThan(10);
  });

  it('leave out what the exporter itself says, and nothing else', async () => {
    setup = await startOtel();
    diag.setLogger(diagToLogs(), DiagLogLevel.ALL);
    setup.emulator.fail({ status: 400 });
    setup.logger.emit({ body: 'lost' });
    await setup.flush();
    diag.warn('said by the program');
    await setup.flush();
    const said = setup.records.map(({ body }) => body);
    expect(said).toContainEqual(expect.stringContaining('1 event(s) lost: rejected'));
    const bodies = setup.emulator.events().map(({ payload }) => JSON.parse(payload).body);
    expect(bodies).toContain('said by the program');
    expect(bodies).not.toContainEqual(expect.stringContaining('event(s) lost'));
    expect(setup.logExporter.stats().filtered).toBeGreaterThan(0);
    expectBalance(setup.logExporter.stats());
  });
});

describe('what a program itself logs of a loss', () => {
  it('becomes an event', async () => {
    setup = await startOtel();
    const client = new ImmutableLogClient(exporterOptions(setup.emulator));
    setup.emulator.fail({ status: 400 });
    const error: unknown = await client.send({ eventName: 'lost', payload: {} }).catch((e) => e);
    setup.logger.emit({ body: `audit failed: ${String(error)}` });
    await setup.flush();
    const bodies = setup.emulator.events().map(({ payload }) => JSON.parse(payload).body);
    expect(bodies).toEqual([expect.stringMatching(/^audit failed: ExporterError: /)]);
    await client.close();
  });
});

describe('callbacks that log', () => {
  it('onReceipt through OpenTelemetry makes no event of its own', async () => {
    let receipts = 0;
    setup = await startOtel({
      exporters: {
        onReceipt: ({ txId }) => {
          receipts += 1;
          setup.logger.emit({ body: `sealed as ${txId ?? 'nothing'}` });
          setup.tracer.startSpan('note the receipt').end();
        },
      },
      logProcessors: (exporter) => [
        new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: 5 }),
      ],
    });
    for (let index = 0; index < 20; index += 1) setup.logger.emit({ body: `record ${index}` });
    await setup.flush();
    await quiet(() => setup.emulator.requests().length);
    expect(receipts).toBe(20);
    expect(setup.emulator.events()).toHaveLength(20);
    await expect.poll(() => setup.logExporter.stats().filtered).toBe(20);
    expectBalance(setup.logExporter.stats());
  });

  it('an apiKey function that logs and fails makes no event of its own', async () => {
    let asked = 0;
    setup = await startOtel({
      exporters: {
        retry: { maxRetries: 1, initialDelayMs: 1 },
        apiKey: () => {
          asked += 1;
          setup.logger.emit({ body: 'the secret store is out of reach' });
          return Promise.reject(new Error('out of reach'));
        },
      },
      logProcessors: (exporter) => [
        new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: 5 }),
      ],
    });
    setup.logger.emit({ body: 'the only record of the program' });
    await expect.poll(() => asked).toBe(2);
    await quiet(() => asked);
    expect(asked).toBe(2);
    await setup.flush();
    expect(setup.logExporter.stats()).toMatchObject({ emitted: 3, filtered: 2 });
  });

  it('a predicate that logs makes no event of its own', async () => {
    let asked = 0;
    setup = await startOtel({
      exporters: {
        logs: ({ body }) => {
          asked += 1;
          setup.logger.emit({ body: `looked at: ${String(body)}` });
          return true;
        },
      },
      logProcessors: (exporter) => [
        new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: 5 }),
      ],
    });
    setup.logger.emit({ body: 'the only record of the program' });
    await expect.poll(() => setup.emulator.events().length).toBe(1);
    await quiet(() => asked);
    expect(asked).toBe(1);
    expect(setup.emulator.events()).toHaveLength(1);
  });

  it('onDrop through OpenTelemetry makes no event of its own', async () => {
    let drops = 0;
    setup = await startOtel({
      exporters: {
        onDrop: (reason) => {
          drops += 1;
          setup.logger.emit({ body: `lost: ${reason}` });
        },
      },
      logProcessors: (exporter) => [
        new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: 5 }),
      ],
    });
    setup.emulator.fail({ status: 422, times: Infinity });
    for (let index = 0; index < 20; index += 1) setup.logger.emit({ body: `record ${index}` });
    await setup.flush();
    await quiet(() => setup.emulator.requests().length);
    expect(drops).toBe(20);
    expect(setup.logExporter.stats().dropped.rejected).toBe(20);
  });

  it('onReceipt that logs a little later makes no event of its own', async () => {
    const ledger = await createEmulator();
    setup = await startOtel();
    const client = new ImmutableLogClient(
      exporterOptions(ledger, {
        onReceipt: () => {
          setImmediate(() => {
            setup.logger.emit({ body: 'sealed' });
          });
        },
      }),
    );
    await client.send({ eventName: 'user.created', payload: {} });
    await expect.poll(() => setup.records.length).toBe(1);
    setup.logger.emit({ body: 'by the program' });
    await setup.flush();
    const bodies = setup.emulator.events().map(({ payload }) => JSON.parse(payload).body);
    expect(bodies).toEqual(['by the program']);
    await client.close();
    await ledger.close();
  });
});
