import { ExporterError } from '../errors.ts';
import type { ResourceLike } from '../record/otel-types.ts';
import type { Stats } from '../telemetry/counters.ts';
import { awaitResources, pendingResources } from './await-resources.ts';
import type { SessionParts } from './record-account.ts';
import { openRecordAccount } from './record-account.ts';

/** The life of one processor, whatever its signal. */
export interface EmitSession<T> {
  /** Takes one record now; never throws and never waits. */
  emit(record: T): void;
  /** Resolves when what was emitted so far is on disk. */
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
  stats(): Stats;
}

/**
 * Makes a session that hands each record to the next commit of the spool at the moment it is
 * emitted: nothing waits in memory for a batch to fill.
 *
 * A resource that still detects attributes holds its records back until it knows them, for
 * `timeoutMs` at most: half a resource would be in the ledger for ever.
 *
 * @throws ExporterError `config_invalid` without a spool.
 */
export function createEmitSession<T extends { readonly resource: ResourceLike }>(
  parts: SessionParts<T>,
): EmitSession<T> {
  const { core, metrics } = parts;
  const { clock, config } = core;
  if (config.spool === undefined) {
    throw new ExporterError(
      'config_invalid',
      'the processors need the option spool: give it or set IMTBL_SPOOL_DIR',
    );
  }
  const account = openRecordAccount(parts);

  function take(record: T, stage: number): void {
    const started = clock.now();
    metrics.started(1);
    account.submit(record, account.parcel(started + config.deadlineMs), (fate) => {
      const lost = fate?.kind === 'dropped' ? [fate] : [];
      metrics.ended({ total: 1, lost, seconds: (clock.now() - started) / 1000 });
      account.inFlight.ended(stage);
    });
  }

  async function takeLater(
    record: T,
    stage: number,
    resources: readonly ResourceLike[],
  ): Promise<void> {
    if (!(await awaitResources(resources, clock, config.timeoutMs))) {
      core.diagnostics.report({ code: 'resource_still_pending' });
    }
    take(record, stage);
  }

  return {
    emit(record) {
      if (account.ended) {
        account.refuse();
        return;
      }
      const pending = pendingResources([record]);
      const stage = account.inFlight.begun();
      if (pending.length === 0) take(record, stage);
      else void takeLater(record, stage, pending);
    },
    forceFlush: () => account.forceFlush(),
    shutdown: () => account.shutdown(),
    stats: () => account.stats(),
  };
}
