import type { MappingConfig } from '../config/resolve-mapping.ts';
import type { MappingContext } from '../record/context.ts';
import type { AuditEvent } from '../record/event.ts';
import { createExporterMetrics } from '../telemetry/metrics.ts';
import type { ExporterOptions } from './exporter-options.ts';
import { resolveExporterOptions } from './exporter-options.ts';
import { createFirstSightKeys } from './first-sight.ts';
import type { SessionParts } from './record-account.ts';

/** What one signal has of its own. */
export interface SignalParts<T> {
  readonly signal: 'span' | 'log';
  /** Makes the function that says whether a record is sent. */
  readonly createFilter: (mapping: MappingConfig) => (record: T) => boolean;
  /** Makes the function that turns a record into an event. */
  readonly createMapper: (
    context: MappingContext,
    keyFor: (record: T) => string,
  ) => (record: T) => AuditEvent;
}

// The number of an exporter is part of its name in the metrics (semantic conventions, otel.*).
const opened = { span: 0, log: 0 };

/**
 * Builds what is behind an exporter or a processor.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function resolveSession<T extends object>(
  options: ExporterOptions,
  { signal, createFilter, createMapper }: SignalParts<T>,
): SessionParts<T> {
  const { core, ownsClient, mapping } = resolveExporterOptions(options);
  const { config, ids, clock } = core;
  const context = { ...mapping, now: clock.wallTime };
  return {
    core,
    ownsClient,
    select: createFilter(mapping),
    map: createMapper(context, createFirstSightKeys(ids.newId())),
    metrics: createExporterMetrics({
      signal,
      meterProvider: config.meterProvider,
      origin: config.endpoint.origin,
      ordinal: opened[signal]++,
    }),
  };
}
