import { ExporterError } from '../errors.ts';
import type { LogRecordLike, ResourceLike, SpanLike } from '../record/otel-types.ts';
import type { Stats } from '../telemetry/counters.ts';
import type { ExporterOptions, SessionParts } from './session.ts';
import {
  LOG_SIGNAL,
  SPAN_SIGNAL,
  awaitResources,
  openRecordAccount,
  pendingResources,
  resolveSession,
} from './session.ts';

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
    account.submit(record, account.context(started + config.deadlineMs), (outcome) => {
      const lost = outcome?.kind === 'dropped' ? [outcome] : [];
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
