import { describe, expect, it } from 'vitest';
import { OWN_BATCHES, SDK_BATCHES, batchSettings } from '../../../src/register/own-exporters.ts';
import { readExporterList } from '../../../src/register/from-environment.ts';
import { applicationBases } from '../../../src/register/sdk.ts';

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

describe('the settings of a batch processor', () => {
  it('are ours where the environment says nothing that can be used', () => {
    const env = { OTEL_BSP_MAX_QUEUE_SIZE: 'many', OTEL_BSP_SCHEDULE_DELAY: '-1' };
    expect(batchSettings('OTEL_BSP', OWN_BATCHES, env)).toEqual(OWN_BATCHES);
  });

  it('are those of the environment, each signal by its own variables', () => {
    const env = {
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
      OTEL_BLRP_SCHEDULE_DELAY: '20',
      OTEL_BLRP_EXPORT_TIMEOUT: '30',
    };
    expect(batchSettings('OTEL_BSP', SDK_BATCHES, env)).toEqual({
      ...SDK_BATCHES,
      maxQueueSize: 10,
      maxExportBatchSize: 5,
    });
    expect(batchSettings('OTEL_BLRP', OWN_BATCHES, env)).toEqual({
      ...OWN_BATCHES,
      scheduledDelayMillis: 20,
      exportTimeoutMillis: 30,
    });
  });
});

describe('the places where packages are looked for', () => {
  it('are the script, then the folder it was started in', () => {
    expect(applicationBases(['node', 'src/app.js'], '/srv/app')).toEqual([
      '/srv/app/src/app.js',
      '/srv/app/package.json',
    ]);
    expect(applicationBases(['node'], '/srv/app')).toEqual(['/srv/app/package.json']);
  });
});
