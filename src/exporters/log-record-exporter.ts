import type { LogRecordLike } from '../record/otel-types.ts';
import type { Stats } from '../telemetry/counters.ts';
import type { ResultCallback } from './export-result.ts';
import type { ExportSession } from './export-session.ts';
import { createExportSession } from './export-session.ts';
import type { ExporterOptions } from './exporter-options.ts';
import { resolveSession } from './resolve-session.ts';
import { LOG_SIGNAL } from './signals.ts';

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
    this.#session = createExportSession(resolveSession(options, LOG_SIGNAL));
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
