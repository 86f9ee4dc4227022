import type { DropReason } from '../outcome.ts';
import { runAsOwn } from '../runtime/suppress-tracing.ts';
import { VERSION } from '../version.ts';
import type {
  Attributes,
  Counter,
  Histogram,
  MeterProvider,
  UpDownCounter,
} from '@opentelemetry/api';
import { metrics as globalMetrics } from '@opentelemetry/api';

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

/** What a spool shows of itself at the moment it is looked at. */
export interface SpoolGauges {
  readonly events: number;
  readonly bytes: number;
  /** Bytes of its quarantine. */
  readonly quarantineBytes: number;
  /** Age of the oldest event, ms; `undefined` when there is none. */
  readonly oldestAgeMs: number | undefined;
  /** Why nothing is sent; `undefined` while traffic flows. */
  readonly parked: string | undefined;
}

/**
 * Shows what is on disk as gauges, which are read whenever metrics are collected: events (with the
 * reason where they are parked), bytes, those of the quarantine, and the age of the oldest.
 *
 * @returns how to end it
 */
export function observeSpool(
  provider: MeterProvider | undefined,
  look: () => SpoolGauges,
): () => void {
  return runAsOwn(() => {
    const source = provider ?? globalMetrics.getMeterProvider();
    const meter = source.getMeter('opentelemetry-exporter-immutablelog', VERSION);
    const events = meter.createObservableGauge('immutablelog.spool.events', {
      unit: '{event}',
      description: 'Events on disk that are not in the ledger',
    });
    const bytes = meter.createObservableGauge('immutablelog.spool.size', {
      unit: 'By',
      description: 'Bytes of the spool on disk',
    });
    const age = meter.createObservableGauge('immutablelog.spool.oldest.age', {
      unit: 's',
      description: 'Age of the oldest event on disk',
    });
    const quarantine = meter.createObservableGauge('immutablelog.spool.quarantine.size', {
      unit: 'By',
      description: 'Bytes of the quarantine of the spool',
    });
    const all = [events, bytes, age, quarantine];
    const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
      const now = look();
      const reason = now.parked === undefined ? {} : { 'immutablelog.parked': now.parked };
      result.observe(events, now.events, reason);
      result.observe(bytes, now.bytes);
      result.observe(quarantine, now.quarantineBytes);
      result.observe(age, (now.oldestAgeMs ?? 0) / 1_000);
    };
    meter.addBatchObservableCallback(observe, all);
    return () => {
      meter.removeBatchObservableCallback(observe, all);
    };
  });
}
