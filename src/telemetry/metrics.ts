import type {
  Attributes,
  MeterProvider,
  UpDownCounter,
  Counter,
  Histogram,
} from '@opentelemetry/api';
import { metrics as globalMetrics } from '@opentelemetry/api';
import type { DropReason } from '../outcome.ts';
import { runAsOwn } from '../runtime/own-context.ts';
import { VERSION } from '../version.ts';

/** How an exported batch ended, for the metrics. */
export interface EndedBatch {
  /** Records handed over, left-out ones included. */
  readonly total: number;
  /** One entry for each event that was lost. */
  readonly lost: readonly { readonly reason: DropReason }[];
  readonly seconds: number;
}

/**
 * The exporter's own metrics, after OpenTelemetry's semantic conventions for SDK metrics
 * (`otel.sdk.exporter.*`, status: development).
 */
export interface ExporterMetrics {
  started(records: number): void;
  ended(batch: EndedBatch): void;
}

/** What the metrics of one exporter are about. */
export interface MetricsParts {
  readonly signal: 'span' | 'log';
  /** Where they go; by default the global provider at the time of the first export. */
  readonly meterProvider: MeterProvider | undefined;
  /** Origin of the ledger. */
  readonly origin: string;
  /** Number of this exporter among those of its signal, from 0. */
  readonly ordinal: number;
}

interface Instruments {
  readonly inFlight: UpDownCounter;
  readonly exported: Counter;
  readonly duration: Histogram;
}

function createInstruments(provider: MeterProvider, signal: 'span' | 'log'): Instruments {
  const meter = provider.getMeter('opentelemetry-exporter-immutablelog', VERSION);
  const unit = `{${signal === 'span' ? 'span' : 'log_record'}}`;
  return {
    inFlight: meter.createUpDownCounter(`otel.sdk.exporter.${signal}.inflight`, {
      unit,
      description: 'Records handed to the exporter that are not settled yet',
    }),
    exported: meter.createCounter(`otel.sdk.exporter.${signal}.exported`, {
      unit,
      description: 'Records whose export has ended; with error.type those that were lost',
    }),
    duration: meter.createHistogram('otel.sdk.exporter.operation.duration', {
      unit: 's',
      description: 'Duration of the export of one batch',
    }),
  };
}

function commonAttributes({ signal, origin, ordinal }: MetricsParts): Attributes {
  const { hostname, port, protocol } = new URL(origin);
  const type = `immutablelog_http_${signal}_exporter`;
  return {
    'otel.component.type': type,
    'otel.component.name': `${type}/${ordinal}`,
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}

/** Makes the metrics of one exporter; without a provider they cost nothing. */
export function createExporterMetrics(parts: MetricsParts): ExporterMetrics {
  const attributes = commonAttributes(parts);
  let made: Instruments | undefined;
  // Exporters are made before the SDK registers its provider, so the global one is read late.
  const instruments = (): Instruments =>
    (made ??= createInstruments(
      parts.meterProvider ?? globalMetrics.getMeterProvider(),
      parts.signal,
    ));

  return {
    started(records) {
      runAsOwn(() => {
        instruments().inFlight.add(records, attributes);
      });
    },
    ended({ total, lost, seconds }) {
      const counts = new Map<DropReason, number>();
      for (const { reason } of lost) counts.set(reason, (counts.get(reason) ?? 0) + 1);
      const failed = lost.length;
      runAsOwn(() => {
        const { inFlight, exported, duration } = instruments();
        inFlight.add(-total, attributes);
        for (const [reason, count] of counts) {
          exported.add(count, { ...attributes, 'error.type': reason });
        }
        if (total > failed) exported.add(total - failed, attributes);
        const [first] = counts.keys();
        duration.record(
          seconds,
          first === undefined ? attributes : { ...attributes, 'error.type': first },
        );
      });
    },
  };
}
