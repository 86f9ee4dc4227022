import { describe, expect, it } from 'vitest';
import { SDK_BATCHES, batchSettings } from '../../../src/register/own-processors.ts';

describe('the settings of a batch processor', () => {
  it('are the given ones where the environment says nothing that can be used', () => {
    const env = { OTEL_BSP_MAX_QUEUE_SIZE: 'many', OTEL_BSP_SCHEDULE_DELAY: '-1' };
    const given = { ...SDK_BATCHES, maxQueueSize: 7 };
    expect(batchSettings('OTEL_BSP', given, env)).toEqual(given);
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
    expect(batchSettings('OTEL_BLRP', SDK_BATCHES, env)).toEqual({
      ...SDK_BATCHES,
      scheduledDelayMillis: 20,
      exportTimeoutMillis: 30,
    });
  });
});
