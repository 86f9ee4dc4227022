import type { ClientOptions, MappingOptions } from '../config/options.ts';

/** What holds here where neither the environment nor a configuration file says otherwise. */
export interface RegisterDefaults {
  /** Options of the client that both exporters share. */
  readonly client: ClientOptions;
  /** Options of the exporters. */
  readonly mapping: Pick<MappingOptions, 'spans' | 'logs'>;
}

/**
 * The defaults in which `./register` differs from the exporters: auto-instrumentations make many
 * spans, and every event counts.
 */
export const REGISTER_DEFAULTS: RegisterDefaults = Object.freeze<RegisterDefaults>({
  client: Object.freeze({ worker: true }),
  mapping: Object.freeze({ spans: 'entry' }),
});

/** Settings of a batch processor; times in ms. */
export interface BatchSettings {
  readonly maxExportBatchSize: number | undefined;
  readonly maxQueueSize: number | undefined;
  readonly scheduledDelayMillis: number | undefined;
  readonly exportTimeoutMillis: number | undefined;
}

/**
 * The batch settings for an exporter that posts each event alone: small batches, so that a slow
 * one holds up little, and a long queue, so that a burst finds room.
 */
export const OWN_BATCHES: BatchSettings = Object.freeze<BatchSettings>({
  maxExportBatchSize: 256,
  maxQueueSize: 8_192,
  scheduledDelayMillis: 1_000,
  exportTimeoutMillis: 30_000,
});

/** Leaves the settings of a batch processor to the SDK. */
export const SDK_BATCHES: BatchSettings = Object.freeze<BatchSettings>({
  maxExportBatchSize: undefined,
  maxQueueSize: undefined,
  scheduledDelayMillis: undefined,
  exportTimeoutMillis: undefined,
});

const VARIABLES = {
  maxExportBatchSize: 'MAX_EXPORT_BATCH_SIZE',
  maxQueueSize: 'MAX_QUEUE_SIZE',
  scheduledDelayMillis: 'SCHEDULE_DELAY',
  exportTimeoutMillis: 'EXPORT_TIMEOUT',
} as const;

/**
 * The settings as `OTEL_BSP_*` (spans) or `OTEL_BLRP_*` (log records) say, else the given ones.
 */
export function batchSettings(
  prefix: 'OTEL_BSP' | 'OTEL_BLRP',
  given: BatchSettings,
  env: NodeJS.ProcessEnv,
): BatchSettings {
  const read = (name: keyof BatchSettings): number | undefined => {
    const value = Number(env[`${prefix}_${VARIABLES[name]}`]);
    return Number.isInteger(value) && value > 0 ? value : given[name];
  };
  return {
    maxExportBatchSize: read('maxExportBatchSize'),
    maxQueueSize: read('maxQueueSize'),
    scheduledDelayMillis: read('scheduledDelayMillis'),
    exportTimeoutMillis: read('exportTimeoutMillis'),
  };
}
