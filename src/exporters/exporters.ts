import type { Outcome, Lost } from '../outcome.ts';
import { dropError, ExporterError } from '../errors.ts';
import type { LogRecordLike, ResourceLike, SpanLike } from '../record/otel-types.ts';
import { ownWords } from '../runtime/diagnostics.ts';
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

/**
 * What the SDK is told of a batch: `code` 0 for success, 1 for failure, as in
 * `ExportResultCode` of `@opentelemetry/core`.
 */
export interface ExportResult {
  /** 0 success, 1 failure. */
  code: 0 | 1;
  /** Why it failed: an `ExporterError` with the counts in its message. */
  error?: Error;
}

/** Told once per batch. */
export type ResultCallback = (result: ExportResult) => void;

/** A batch that was not even tried. */
export function refused(): ExportResult {
  return {
    code: 1,
    error: new ExporterError('shutdown', ownWords('shut down, the batch was refused')),
  };
}

function summarise(lost: readonly Lost[], total: number): string {
  const counts = new Map<string, number>();
  for (const { reason } of lost) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`);
  return ownWords(`${lost.length} of ${total} events were not accepted: ${parts.join(', ')}`);
}

/** The result of a batch: success when nothing of it was lost. */
export function resultOf(lost: readonly Lost[], total: number): ExportResult {
  const [first] = lost;
  if (first === undefined) return { code: 0 };
  const { reason, failure } = first;
  const cause = dropError(reason, failure);
  const error = new ExporterError(reason, summarise(lost, total), {
    cause,
    status: failure.status,
  });
  return { code: 1, error };
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
    const context = account.context(deadline);
    return new Promise((resolve) => {
      const lost: Lost[] = [];
      let open = records.length;
      const done = (outcome: Outcome | undefined): void => {
        if (outcome?.kind === 'dropped') lost.push(outcome);
        open -= 1;
        if (open === 0) resolve(lost);
      };
      core.slices.take(records, (record) => {
        account.submit(record, context, done);
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
