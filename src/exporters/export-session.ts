import type { ClientCore, Owner } from '../client-core.ts';
import type { Fate } from '../delivery/fate.ts';
import { createInFlight } from '../delivery/in-flight.ts';
import { ExporterError } from '../errors.ts';
import type { AuditEvent } from '../record/event.ts';
import type { ResourceLike } from '../record/otel-types.ts';
import { endsWithin } from '../runtime/clock.ts';
import { ownWords } from '../runtime/own-words.ts';
import type { Counters, Stats } from '../telemetry/counters.ts';
import { createCounters } from '../telemetry/counters.ts';
import type { ExporterMetrics } from '../telemetry/metrics.ts';
import { awaitResources, pendingResources } from './await-resources.ts';
import type { ExportResult, ResultCallback } from './export-result.ts';
import { refused, resultOf } from './export-result.ts';

/** What makes the session of one signal. */
export interface SessionParts<T> {
  readonly core: ClientCore;
  /** Whether the client was made for this exporter and ends with it. */
  readonly ownsClient: boolean;
  readonly select: (record: T) => boolean;
  readonly map: (record: T) => AuditEvent;
  readonly metrics: ExporterMetrics;
}

/** The life of one exporter, whatever its signal. */
export interface ExportSession<T> {
  export(records: readonly T[], callback: ResultCallback): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
  stats(): Stats;
}

/**
 * Makes a session.
 *
 * - `export` never throws and calls back exactly once, within the client's `deadlineMs`.
 * - It may be called while other calls are under way: their events queue up in the client.
 * - `forceFlush` and `shutdown` are about the session's own events, and safe together.
 */
export function createExportSession<T extends { readonly resource: ResourceLike }>(
  parts: SessionParts<T>,
): ExportSession<T> {
  const { core, ownsClient, select, map, metrics } = parts;
  const { clock, config } = core;
  const counters: Counters = createCounters(core.counters);
  const lifetime = core.adopt('background');
  const inFlight = createInFlight();
  let ending: Promise<void> | undefined;

  /** Maps and hands over one record; `undefined` when it is left out. */
  function submit(record: T, owner: Owner): Promise<Fate> | undefined {
    counters.emitted();
    try {
      if (!select(record)) {
        counters.filtered();
        return undefined;
      }
      return core.submit(core.encode(map(record)), owner);
    } catch {
      return Promise.resolve(core.encodeFailed(counters, 'not a record that can be encoded'));
    }
  }

  async function run(records: readonly T[]): Promise<ExportResult> {
    const started = clock.now();
    const owner: Owner = { lifetime, counters, deadline: started + config.deadlineMs };
    const pending = pendingResources(records);
    if (pending.length > 0 && !(await awaitResources(pending, clock, config.timeoutMs))) {
      core.diagnostics.report({ code: 'resource_still_pending' });
    }
    metrics.started(records.length);
    const submitted = records.map((record) => submit(record, owner));
    const fates = await Promise.all(submitted.filter((fate) => fate !== undefined));
    metrics.ended({ total: records.length, fates, seconds: (clock.now() - started) / 1000 });
    return resultOf(fates, records.length);
  }

  async function drain(): Promise<void> {
    lifetime.finish();
    const limit = { ms: config.shutdownTimeoutMs, hold: 'process' } as const;
    await endsWithin(clock, inFlight.settled(), limit);
    lifetime.abort('shutdown');
    await inFlight.settled();
    if (ownsClient) await core.close();
  }

  return {
    export(records, callback) {
      const work = ending === undefined ? run(records) : Promise.resolve(refused());
      const told = work
        .catch((): ExportResult => ({
          code: 1,
          error: new ExporterError('encode_failed', ownWords('the batch could not be read')),
        }))
        .then(callback)
        // A callback that throws is the SDK's own affair; the batch is settled.
        .catch(counters.callbackFailed);
      void inFlight.track(told);
    },
    async forceFlush() {
      lifetime.hurry();
      const limit = { ms: config.shutdownTimeoutMs, hold: 'process' } as const;
      if (await endsWithin(clock, inFlight.settled(), limit)) return;
      const { inFlight: open } = counters.stats();
      throw new ExporterError(
        'deadline',
        ownWords(`${open} events were still under way after the flush`),
      );
    },
    shutdown() {
      ending ??= drain();
      return ending;
    },
    stats: () => counters.stats(),
  };
}
