import type { SpanLike } from '../record/otel-types.ts';
import type { Stats } from '../telemetry/counters.ts';
import type { ResultCallback } from './export-result.ts';
import type { ExportSession } from './export-session.ts';
import { createExportSession } from './export-session.ts';
import type { ExporterOptions } from './exporter-options.ts';
import { resolveSession } from './resolve-session.ts';
import { SPAN_SIGNAL } from './signals.ts';

/**
 * Exports spans as audit events; fits `SpanExporter` of the OpenTelemetry SDK 2.x and 3.x.
 *
 * @example
 * ```ts
 * const sdk = new NodeSDK({ traceExporter: new ImmutableLogSpanExporter() });
 * ```
 */
export class ImmutableLogSpanExporter {
  readonly #session: ExportSession<SpanLike>;

  /**
   * @param options - where events go, or a client to share; what is left out comes from the
   * environment (`IMTBL_*`)
   * @throws {@link ExporterError} `config_invalid`, naming the option
   */
  constructor(options: ExporterOptions = {}) {
    this.#session = createExportSession(resolveSession(options, SPAN_SIGNAL));
  }

  /**
   * Sends a batch; calls back once, with success when every span is in the ledger or was left out
   * by the options. May be called while other batches are under way.
   */
  export(spans: readonly SpanLike[], resultCallback: ResultCallback): void {
    this.#session.export(spans, resultCallback);
  }

  /**
   * Resolves when the spans handed over so far are settled.
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

  /** What became of the spans handed to this exporter. */
  stats(): Stats {
    return this.#session.stats();
  }
}
