import type { SpanLike } from '../record/otel-types.ts';
import type { Stats } from '../telemetry/counters.ts';
import type { EmitSession } from './emit-session.ts';
import { createEmitSession } from './emit-session.ts';
import type { ExporterOptions } from './exporter-options.ts';
import { resolveSession } from './resolve-session.ts';
import { SPAN_SIGNAL } from './signals.ts';

// W3C Trace Context, trace-flags: the span was sampled.
const SAMPLED = 1;

/**
 * Puts each sampled span on disk at the moment it ends, in place of a batch processor with an
 * exporter, which holds spans in memory for seconds. Fits `SpanProcessor` of the OpenTelemetry SDK
 * 2.x and 3.x. Needs the option `spool`.
 *
 * @example
 * ```ts
 * const spool = { directory: '/var/lib/shop/spool' };
 * const sdk = new NodeSDK({ spanProcessors: [new ImmutableLogSpanProcessor({ spool })] });
 * ```
 */
export class ImmutableLogSpanProcessor {
  readonly #session: EmitSession<SpanLike>;

  /**
   * @param options - as for the exporter
   * @throws {@link ExporterError} `config_invalid`, naming the option
   */
  constructor(options: ExporterOptions = {}) {
    this.#session = createEmitSession(resolveSession(options, SPAN_SIGNAL));
  }

  /** Nothing happens at the start of a span. */
  onStart(): void {
    // A span is evidence only once it has ended.
  }

  /** Maps, redacts and encodes the span and hands it to the next commit; returns at once. */
  onEnd(span: SpanLike): void {
    const { traceFlags = SAMPLED } = span.spanContext();
    if ((traceFlags & SAMPLED) !== 0) this.#session.emit(span);
  }

  /**
   * Resolves when the spans that ended so far are on disk.
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

  /** What became of the spans. */
  stats(): Stats {
    return this.#session.stats();
  }
}
