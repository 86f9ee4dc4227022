import type { LogRecordLike, SpanLike } from '../record/otel-types.ts';
import type { Stats } from '../telemetry/counters.ts';
import type { AnyRecord, ExporterOptions, Signal } from './session.ts';
import { LOGS, SPANS, Session } from './session.ts';

/**
 * What both processors do: each record goes to the client at the moment it is emitted, and with a
 * spool to the next commit; nothing waits in memory for a batch to fill.
 */
class RecordProcessor<T extends AnyRecord> {
  readonly #session: Session<T>;

  /** @internal */
  constructor(options: ExporterOptions, signal: Signal<T>) {
    this.#session = new Session(options, signal);
  }

  /**
   * Resolves when the records emitted so far are settled or, with a spool, on disk; after
   * `shutdownTimeoutMs` at the latest. `stats()` and a warning tell what is still under way then. Never
   * rejects.
   */
  forceFlush(): Promise<void> {
    return this.#session.forceFlush();
  }

  /**
   * Settles what is left within `shutdownTimeoutMs`; with a spool it is committed first, and what could
   * not be sent stays on disk. Idempotent, never rejects.
   */
  shutdown(): Promise<void> {
    return this.#session.shutdown();
  }

  /** What became of the records. */
  stats(): Stats {
    return this.#session.stats();
  }

  /**
   * Takes one record now; never waits.
   *
   * @internal
   */
  protected emit(record: T): void {
    const session = this.#session;
    if (session.ended) {
      session.refuse(1);
      return;
    }
    const stage = session.inFlight.begun();
    session.submit([record], () => {
      session.inFlight.ended(stage);
    });
  }
}

// W3C Trace Context, trace-flags: the span was sampled.
const SAMPLED = 1;

/**
 * Takes each sampled span at the moment it ends and sends it, from memory or, with the option
 * `spool`, by way of the disk; in place of a batch processor with an exporter, which holds spans for
 * seconds. Fits `SpanProcessor` of the OpenTelemetry SDK 2.x and 3.x.
 *
 * @example
 * ```ts
 * const sdk = new NodeSDK({ spanProcessors: [new ImmutableLogSpanProcessor()] });
 * ```
 */
export class ImmutableLogSpanProcessor extends RecordProcessor<SpanLike> {
  /**
   * @param options - as for the exporter
   * @throws {@link ExporterError} `config_invalid`, naming the option
   */
  constructor(options: ExporterOptions = {}) {
    super(options, SPANS);
  }

  /** Nothing happens at the start of a span. */
  onStart(): void {
    // A span is evidence only once it has ended.
  }

  /** Maps, redacts and encodes the span and hands it to the client; returns at once. */
  onEnd(span: SpanLike): void {
    const { traceFlags = SAMPLED } = span.spanContext();
    if ((traceFlags & SAMPLED) !== 0) this.emit(span);
  }
}

/**
 * Takes each log record at the moment it is emitted and sends it, from memory or, with the option
 * `spool`, by way of the disk; in place of a batch processor with an exporter. Fits
 * `LogRecordProcessor` of the OpenTelemetry SDK 2.x (0.2xx) and 3.x.
 *
 * Processors that change records must stand before it: what it has read, it has read.
 *
 * @example
 * ```ts
 * const sdk = new NodeSDK({ logRecordProcessors: [new ImmutableLogLogRecordProcessor()] });
 * ```
 */
export class ImmutableLogLogRecordProcessor extends RecordProcessor<LogRecordLike> {
  /**
   * @param options - as for the exporter
   * @throws {@link ExporterError} `config_invalid`, naming the option
   */
  constructor(options: ExporterOptions = {}) {
    super(options, LOGS);
  }

  /** Maps, redacts and encodes the record and hands it to the client; returns at once. */
  onEmit(record: LogRecordLike): void {
    this.emit(record);
  }
}
