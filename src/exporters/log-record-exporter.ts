import { createLogMapper } from '../record/from-log.ts';
import type { LogRecordLike } from '../record/otel-types.ts';
import { createLogFilter } from '../record/select.ts';
import { isOwn, runAsOwn } from '../runtime/own-context.ts';
import { isOwnWords } from '../runtime/own-words.ts';
import type { Stats } from '../telemetry/counters.ts';
import { createExporterMetrics } from '../telemetry/metrics.ts';
import type { ResultCallback } from './export-result.ts';
import type { ExportSession } from './export-session.ts';
import { createExportSession } from './export-session.ts';
import type { ExporterOptions } from './exporter-options.ts';
import { resolveExporterOptions } from './exporter-options.ts';
import { createFirstSightKeys } from './first-sight.ts';

let exporters = 0;

/**
 * Exports log records as audit events; fits `LogRecordExporter` of the OpenTelemetry SDK 2.x
 * (0.2xx) and 3.x.
 *
 * @example
 * ```ts
 * const exporter = new ImmutableLogLogRecordExporter();
 * const sdk = new NodeSDK({ logRecordProcessors: [new BatchLogRecordProcessor({ exporter })] });
 * ```
 */
export class ImmutableLogLogRecordExporter {
  readonly #session: ExportSession<LogRecordLike>;

  /**
   * @param options - where events go, or a client to share; what is left out comes from the
   * environment (`IMTBL_*`)
   * @throws {@link ExporterError} `config_invalid`, naming the option
   */
  constructor(options: ExporterOptions = {}) {
    const { core, ownsClient, mapping } = resolveExporterOptions(options);
    const context = { ...mapping, now: core.clock.wallTime };
    const { logs } = mapping;
    const wanted = createLogFilter({
      // A choice of the program's that logs would be asked about its own records, without end.
      logs: typeof logs === 'function' ? (record) => runAsOwn(() => logs(record)) : logs,
    });
    this.#session = createExportSession({
      core,
      ownsClient,
      select: (record) => !isOwn(record.spanContext) && !isOwnWords(record.body) && wanted(record),
      map: createLogMapper(context, createFirstSightKeys(core.ids.newId())),
      metrics: createExporterMetrics({
        signal: 'log',
        meterProvider: core.config.meterProvider,
        origin: core.config.endpoint.origin,
        ordinal: exporters++,
      }),
    });
  }

  /**
   * Sends a batch; calls back once, with success when every record is in the ledger or was left
   * out by the options. May be called while other batches are under way.
   */
  export(records: readonly LogRecordLike[], resultCallback: ResultCallback): void {
    this.#session.export(records, resultCallback);
  }

  /**
   * Resolves when the records handed over so far are settled.
   *
   * @throws {@link ExporterError} `deadline` when they are not within `shutdownTimeoutMs`
   */
  forceFlush(): Promise<void> {
    return this.#session.forceFlush();
  }

  /** Settles what is under way within `shutdownTimeoutMs`; later batches are refused. Idempotent. */
  shutdown(): Promise<void> {
    return this.#session.shutdown();
  }

  /** What became of the records handed to this exporter. */
  stats(): Stats {
    return this.#session.stats();
  }
}
