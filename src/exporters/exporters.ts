import { dropError, ExporterError } from '../errors.ts';
import type { Lost } from '../outcome.ts';
import type { LogRecordLike, SpanLike } from '../record/otel-types.ts';
import { ownWords } from '../runtime/diagnostics.ts';
import type { Stats } from '../telemetry/counters.ts';
import type { AnyRecord, ExporterOptions, Signal } from './session.ts';
import { LOGS, SPANS, Session } from './session.ts';

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

/** What both exporters do: a batch goes in, and one result comes back. */
class RecordExporter<T extends AnyRecord> {
  readonly #session: Session<T>;

  /** @internal */
  constructor(options: ExporterOptions, signal: Signal<T>) {
    this.#session = new Session(options, signal);
  }

  /**
   * Sends a batch. Never throws; calls back once, within `deadlineMs`, with success when every
   * record is in the ledger or was left out by the options; with a spool as soon as the batch is on
   * disk. May be called while other batches are under way; array and records are the caller's again when it
   * has returned.
   */
  export(records: readonly T[], resultCallback: ResultCallback): void {
    const { counters, inFlight } = this.#session;
    const stage = inFlight.begun();
    const told = this.#run(records)
      .catch(() => failure('encode_failed', 'the batch could not be read'))
      .then(resultCallback)
      // A callback that throws is the SDK's own affair; the batch is settled.
      .catch(counters.callbackFailed);
    void told.finally(() => {
      inFlight.ended(stage);
    });
  }

  /**
   * Resolves when the records handed over so far are settled, after `shutdownTimeoutMs` at the latest;
   * `stats()` and a warning tell what is still under way then. Never rejects.
   */
  forceFlush(): Promise<void> {
    return this.#session.forceFlush();
  }

  /**
   * Settles what is under way within `shutdownTimeoutMs`; later batches are refused. Idempotent, never
   * rejects.
   */
  shutdown(): Promise<void> {
    return this.#session.shutdown();
  }

  /** What became of the records handed to this exporter. */
  stats(): Stats {
    return this.#session.stats();
  }

  async #run(given: readonly T[]): Promise<ExportResult> {
    const session = this.#session;
    // An array that cannot be walked costs the batch before anything of it counts.
    const records = [...given];
    if (session.ended) {
      session.refuse(records.length);
      return failure('shutdown', 'shut down, the batch was refused');
    }
    const lost = await new Promise<readonly Lost[]>((resolve) => {
      session.submit(records, resolve);
    });
    return resultOf(lost, records.length);
  }
}

function failure(code: 'shutdown' | 'encode_failed', sentence: string): ExportResult {
  return { code: 1, error: new ExporterError(code, ownWords(sentence)) };
}

/** Success when nothing was lost; else the first reason as the code and all of them in the words. */
function resultOf(lost: readonly Lost[], total: number): ExportResult {
  const [first] = lost;
  if (first === undefined) return { code: 0 };
  const { reason, failure: why } = first;
  const counts = new Map<string, number>();
  for (const each of lost) counts.set(each.reason, (counts.get(each.reason) ?? 0) + 1);
  const reasons = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
  const sentence = ownWords(`${lost.length} of ${total} events were not accepted: ${reasons}`);
  const cause = dropError(reason, why);
  return { code: 1, error: new ExporterError(reason, sentence, { cause, status: why.status }) };
}

/**
 * Exports spans as audit events; fits `SpanExporter` of the OpenTelemetry SDK 2.x and 3.x.
 *
 * @example
 * ```ts
 * const sdk = new NodeSDK({ traceExporter: new ImmutableLogSpanExporter() });
 * ```
 */
export class ImmutableLogSpanExporter extends RecordExporter<SpanLike> {
  /**
   * @param options - where events go, or a client to share; what is left out comes from the
   * environment (`IMTBL_*`)
   * @throws {@link ExporterError} `config_invalid`, naming the option
   */
  constructor(options: ExporterOptions = {}) {
    super(options, SPANS);
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
export class ImmutableLogLogRecordExporter extends RecordExporter<LogRecordLike> {
  /**
   * @param options - where events go, or a client to share; what is left out comes from the
   * environment (`IMTBL_*`)
   * @throws {@link ExporterError} `config_invalid`, naming the option
   */
  constructor(options: ExporterOptions = {}) {
    super(options, LOGS);
  }
}
