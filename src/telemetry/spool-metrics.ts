import type { MeterProvider } from '@opentelemetry/api';
import { metrics as globalMetrics } from '@opentelemetry/api';
import { runAsOwn } from '../runtime/own-context.ts';
import { VERSION } from '../version.ts';

/** What a spool shows of itself at the moment it is looked at. */
export interface SpoolGauges {
  readonly events: number;
  readonly bytes: number;
  /** Age of the oldest event, ms; `undefined` when there is none. */
  readonly oldestAgeMs: number | undefined;
  /** Why nothing is sent; `undefined` while traffic flows. */
  readonly parked: string | undefined;
}

/**
 * Shows what is on disk as gauges, which are read whenever metrics are collected: events (with the
 * reason where they are parked), bytes and the age of the oldest.
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
    const all = [events, bytes, age];
    const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
      const now = look();
      const reason = now.parked === undefined ? {} : { 'immutablelog.parked': now.parked };
      result.observe(events, now.events, reason);
      result.observe(bytes, now.bytes);
      result.observe(age, (now.oldestAgeMs ?? 0) / 1_000);
    };
    meter.addBatchObservableCallback(observe, all);
    return () => {
      meter.removeBatchObservableCallback(observe, all);
    };
  });
}
