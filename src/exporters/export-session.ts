import type { ResourceLike } from '../record/otel-types.ts';
import type { Fate, Lost } from '../delivery/fate.ts';
import { ExporterError } from '../errors.ts';
import { ownWords } from '../runtime/own-words.ts';
import type { Stats } from '../telemetry/counters.ts';
import { awaitResources, pendingResources } from './await-resources.ts';
import type { ExportResult, ResultCallback } from './export-result.ts';
import { refused, resultOf } from './export-result.ts';
import type { SessionParts } from './record-account.ts';
import { openRecordAccount } from './record-account.ts';

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
 * - `export` never throws and calls back exactly once, within the client's `deadlineMs`; with a
 *   spool as soon as the batch is on disk.
 * - It may be called while other calls are under way: their events queue up in the client.
 */
export function createExportSession<T extends { readonly resource: ResourceLike }>(
  parts: SessionParts<T>,
): ExportSession<T> {
  const { core, metrics } = parts;
  const { clock, config } = core;
  const account = openRecordAccount(parts);

  async function run(records: readonly T[]): Promise<ExportResult> {
    const started = clock.now();
    const pending = pendingResources(records);
    if (pending.length > 0 && !(await awaitResources(pending, clock, config.timeoutMs))) {
      core.diagnostics.report({ code: 'resource_still_pending' });
    }
    metrics.started(records.length);
    const deadline = started + config.deadlineMs;
    const lost = await submitAll(records, deadline);
    metrics.ended({ total: records.length, lost, seconds: (clock.now() - started) / 1000 });
    return resultOf(lost, records.length);
  }

  /** Resolves when each is settled, with what was lost. */
  function submitAll(records: readonly T[], deadline: number): Promise<readonly Lost[]> {
    if (records.length === 0) return Promise.resolve([]);
    const parcel = account.parcel(deadline);
    return new Promise((resolve) => {
      const lost: Lost[] = [];
      let open = records.length;
      const done = (fate: Fate | undefined): void => {
        if (fate?.kind === 'dropped') lost.push(fate);
        open -= 1;
        if (open === 0) resolve(lost);
      };
      core.turns.take(records, (record) => {
        account.submit(record, parcel, done);
      });
    });
  }

  return {
    export(records, callback) {
      const stage = account.inFlight.begun();
      const work = account.ended ? Promise.resolve(refused()) : run(records);
      const told = work
        .catch((): ExportResult => ({
          code: 1,
          error: new ExporterError('encode_failed', ownWords('the batch could not be read')),
        }))
        .then(callback)
        // A callback that throws is the SDK's own affair; the batch is settled.
        .catch(account.counters.callbackFailed);
      void told.finally(() => {
        account.inFlight.ended(stage);
      });
    },
    forceFlush: () => account.forceFlush(),
    shutdown: () => account.shutdown(),
    stats: () => account.stats(),
  };
}
