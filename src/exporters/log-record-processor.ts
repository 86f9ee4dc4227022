import type { LogRecordLike } from '../record/otel-types.ts';
import type { Stats } from '../telemetry/counters.ts';
import type { EmitSession } from './emit-session.ts';
import { createEmitSession } from './emit-session.ts';
import type { ExporterOptions } from './exporter-options.ts';
import { resolveSession } from './resolve-session.ts';
import { LOG_SIGNAL } from './signals.ts';

/**
 * Puts each log record on disk at the moment it is emitted, in place of a batch processor with an
 * exporter, which holds records in memory. Fits `LogRecordProcessor` of the OpenTelemetry SDK 2.x
 * (0.2xx) and 3.x. Needs the option `spool`.
 *
 * Processors that change records must stand before it: what it has read, it has read.
 *
 * @example
 * ```ts
 * const spool = { directory: '/var/lib/shop/spool' };
 * const sdk = new NodeSDK({
 *   logRecordProcessors: [new ImmutableLogLogRecordProcessor({ spool })],
 * });
 * ```
 */
export class ImmutableLogLogRecordProcessor {
  readonly #session: EmitSession<LogRecordLike>;

  /**
   * @param options - as for the exporter
   * @throws {@link ExporterError} `config_invalid`, naming the option
   */
  constructor(options: ExporterOptions = {}) {
    this.#session = createEmitSession(resolveSession(options, LOG_SIGNAL));
  }

  /** Maps, redacts and encodes the record and hands it to the next commit; returns at once. */
  onEmit(record: LogRecordLike): void {
    this.#session.emit(record);
  }

  /**
   * Resolves when the records emitted so far are on disk.
   *
   * @throws {@link ExporterError} `deadline` when they are not within `shutdownTimeoutMs`
   */
  forceFlush(): Promise<void> {
    return this.#session.forceFlush();
  }

  /** Commits what is left, then sends for as long as `shutdownTimeoutMs` allows. Idempotent. */
  shutdown(): Promise<void> {
    return this.#session.shutdown();
  }

  /** What became of the records. */
  stats(): Stats {
    return this.#session.stats();
  }
}
