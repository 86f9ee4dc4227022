import { describe, expect, it } from 'vitest';
import { batchSettings, readExporterList } from '../../../src/register/from-environment.ts';

describe('a list of exporters', () => {
  it.each([
    [undefined, true, []],
    ['', true, []],
    ['immutablelog', true, []],
    ['otlp', true, ['otlp']],
    [' OTLP , ImmutableLog ,otlp', true, ['otlp']],
    ['console,otlp', true, ['console', 'otlp']],
    ['none', false, []],
    ['none,otlp', false, []],
    ['none,immutablelog', true, []],
  ])('%j means the ledger: %s, and beside it %j', (value, ours, others) => {
    expect(readExporterList(value)).toEqual({ ours, others });
  });
});

/** All of it is left to the SDK. */
const SDK_BATCHES = {
  maxExportBatchSize: undefined,
  maxQueueSize: undefined,
  scheduledDelayMillis: undefined,
  exportTimeoutMillis: undefined,
};

describe('the settings of a batch processor', () => {
  it("are the SDK's where the environment says nothing that can be used", () => {
    const env = { OTEL_BSP_MAX_QUEUE_SIZE: 'many', OTEL_BSP_SCHEDULE_DELAY: '-1' };
    expect(batchSettings('OTEL_BSP', env)).toEqual(SDK_BATCHES);
  });

  it('are those of the environment, each signal by its own variables', () => {
    const env = {
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
      OTEL_BLRP_SCHEDULE_DELAY: '20',
      OTEL_BLRP_EXPORT_TIMEOUT: '30',
    };
    expect(batchSettings('OTEL_BSP', env)).toEqual({
      ...SDK_BATCHES,
      maxQueueSize: 10,
      maxExportBatchSize: 5,
    });
    expect(batchSettings('OTEL_BLRP', env)).toEqual({
      ...SDK_BATCHES,
      scheduledDelayMillis: 20,
      exportTimeoutMillis: 30,
    });
  });
});
