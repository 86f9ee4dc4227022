import { ImmutableLogClient, coreOf } from '../client.ts';
import { readEnvironment } from '../config/environment.ts';
import type { ImmutableLogOptions, MappingOptions } from '../config/options.ts';
import { MAPPING, requireKnownOptions, splitOptions } from '../config/option-table.ts';
import type { MappingConfig } from '../config/resolve.ts';
import { resolveMappingConfig } from '../config/resolve.ts';
import type { ClientCore, EncodedEvent } from '../core.ts';
import type { OwnSendScope } from '../delivery/send-scope.ts';
import { InFlight } from '../delivery/send-scope.ts';
import type { DropReason, Lost, Outcome } from '../outcome.ts';
import type { AuditEvent } from '../record/event.ts';
import { createLogMapper } from '../record/from-log.ts';
import { createSpanMapper } from '../record/from-span.ts';
import type { MappingContext } from '../record/origin.ts';
import type { LogRecordLike, ResourceLike, SpanLike } from '../record/otel-types.ts';
import { createLogFilter, createSpanFilter } from '../record/select.ts';
import { endsWithin } from '../runtime/clock.ts';
import { isOwnWords } from '../runtime/diagnostics.ts';
import { isOwn, runAsOwn } from '../runtime/suppress-tracing.ts';
import type { Stats } from '../telemetry/counters.ts';
import { Counters } from '../telemetry/counters.ts';
import type { ExporterMetrics } from '../telemetry/metrics.ts';
import { createExporterMetrics } from '../telemetry/metrics.ts';

/** Options of an exporter that shares a client with others; the client stays open at its end. */
export interface SharedClientOptions extends MappingOptions {
  // By its members: the class is declared twice, for ES modules and for CommonJS, and a program of
  // both kinds of files has one class at run time.
  /**
   * The {@link ImmutableLogClient} through which events are sent; its options hold for delivery and
   * redaction.
   */
  readonly client: Pick<ImmutableLogClient, keyof ImmutableLogClient>;
}

/** Options of an exporter: those of a client of its own, or a client to share. */
export type ExporterOptions = ImmutableLogOptions | SharedClientOptions;

/** What an exporter or a processor is handed. */
export type AnyRecord = SpanLike | LogRecordLike;

/** What one signal has of its own. */
export interface Signal<T> {
  readonly name: 'span' | 'log';
  createFilter(mapping: MappingConfig): (record: T) => boolean;
  createMapper(context: MappingContext, keyFor: (record: T) => string): (record: T) => AuditEvent;
}

// A choice of the program's that makes spans or log records would be asked about its own, without
// end; so it runs as the package's.
function asOwn<T>(choose: (record: T) => boolean): (record: T) => boolean {
  return (record) => runAsOwn(() => choose(record));
}

/** Spans: those that the options choose, and none that the package made itself. */
export const SPANS: Signal<SpanLike> = {
  name: 'span',
  createFilter({ spans, ignorePaths }) {
    const chosen = typeof spans === 'function' ? asOwn(spans) : spans;
    const wanted = createSpanFilter({ spans: chosen, ignorePaths });
    return (span) => !isOwn(span.spanContext()) && wanted(span);
  },
  createMapper: createSpanMapper,
};

/** Log records: likewise, and none that repeats what the package said. */
export const LOGS: Signal<LogRecordLike> = {
  name: 'log',
  createFilter({ logs }) {
    const wanted = createLogFilter({ logs: typeof logs === 'function' ? asOwn(logs) : logs });
    return (record) => !isOwn(record.spanContext) && !isOwnWords(record.body) && wanted(record);
  },
  createMapper: createLogMapper,
};

/** In the last of the time for an end what is left is told that it has ended: so much of it, ms. */
const LAST_PART_MS = 500;

// The number of an exporter is part of its name in the metrics (semantic conventions, otel.*).
const opened = { span: 0, log: 0 };

/**
 * What stands behind an exporter or a processor: the records of one signal on their way into a
 * client, on an account of their own.
 *
 * - A record is selected, mapped, redacted, encoded and handed over in one go; one that cannot be
 *   read costs itself and not its batch.
 * - What the client has no room or no time for is lost before it is mapped.
 * - An SDK that hands over the same record twice does not make two events of it.
 * - `forceFlush` and `shutdown` are about these records alone, and safe together. They never reject
 *   and end within `shutdownTimeoutMs`: the SDK's batch processor of logs (2.x and 3.x) never exports
 *   again after a flush that was rejected.
 * - A client that was made for the session ends with it; one that was given stays open.
 */
export class Session<T extends AnyRecord> {
  readonly core: ClientCore;
  readonly counters: Counters;
  /** What `forceFlush` and `shutdown` wait for. */
  readonly inFlight: InFlight = new InFlight();
  readonly #ownsClient: boolean;
  readonly #select: (record: T) => boolean;
  readonly #map: (record: T) => AuditEvent;
  readonly #metrics: ExporterMetrics;
  readonly #sourceId: number;
  readonly #scope: OwnSendScope;
  #ending: Promise<void> | undefined;
  #flushed = true;

  /** @throws ExporterError `config_invalid`, naming the option. */
  constructor(options: ExporterOptions, signal: Signal<T>) {
    const isShared = 'client' in options;
    if (isShared) requireKnownOptions(options, { client: true, ...MAPPING });
    const mapping = resolveMappingConfig(options, readEnvironment(process.env));
    this.core = coreOf(
      isShared ? options.client : new ImmutableLogClient(splitOptions(options).client),
    );
    this.#ownsClient = !isShared;
    const { clock, config, ids } = this.core;
    const context = { ...mapping, now: clock.wallTime };
    this.#select = signal.createFilter(mapping);
    this.#map = signal.createMapper(context, createFirstSightKeys(ids.newId()));
    this.#metrics = createExporterMetrics({
      signal: signal.name,
      meterProvider: config.meterProvider,
      origin: config.endpoint.origin,
      ordinal: opened[signal.name]++,
    });
    this.counters = new Counters(this.core.counters);
    this.#sourceId = this.core.enrol(this.counters);
    this.#scope = this.core.adopt('background');
  }

  /** Whether nothing is taken any more. */
  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /**
   * Hands records over; `done` is called once, when each is settled, with what was lost. Long
   * batches are mapped in slices.
   */
  submit(
    records: readonly T[],
    done: (lost: readonly Lost[]) => void,
    started: number = this.core.clock.now(),
  ): void {
    const { clock, config, slices } = this.core;
    this.#metrics.started(records.length);
    const deadline = started + config.deadlineMs;
    const limits = { scope: this.#scope, sourceId: this.#sourceId, awaited: false, deadline };
    const context = this.core.context(limits);
    const lost: Lost[] = [];
    let open = records.length;
    const end = (): void => {
      const seconds = (clock.now() - started) / 1000;
      this.#metrics.ended({ total: records.length, lost, seconds });
      done(lost);
    };
    const settled = (outcome: Outcome | undefined): void => {
      if (outcome?.kind === 'dropped') lost.push(outcome);
      open -= 1;
      if (open === 0) end();
    };
    if (open === 0) end();
    const lose = (reason: DropReason, detail: string): void => {
      settled(this.core.lose(this.#sourceId, reason, detail));
    };
    const full = this.core.isFull(slices.waiting() + 1);
    const take = (record: T): void => {
      this.counters.emitted();
      if (full || this.core.isFull(1)) {
        lose('queue_full', 'maxPendingBytes reached');
        return;
      }
      if (clock.now() >= deadline) {
        lose('deadline', 'waited to be mapped');
        return;
      }
      const event = this.#encode(record);
      if (event === 'left_out') {
        this.counters.filtered();
        settled(undefined);
      } else if (event === 'not_encodable') {
        lose('encode_failed', 'not a record that can be encoded');
      } else this.core.submit(event, context, settled);
    };
    // What is refused costs next to nothing; it waits for nobody.
    if (full) records.forEach(take);
    else slices.take(records, take);
  }

  /** Counts records that came after the end. */
  refuse(count: number): void {
    for (let refused = 0; refused < count; refused += 1) {
      this.counters.emitted();
      this.core.lose(this.#sourceId, 'shutdown', 'closed');
    }
  }

  /**
   * Resolves when the resources of these records know all their attributes, after `timeoutMs` at
   * the latest; `undefined` where they know them now. Read earlier, a resource gives half of them,
   * without an error, and half a resource would be in the ledger for ever. The built-in processors
   * of the SDK wait too; a custom one may not.
   */
  resourcesKnown(records: readonly T[]): Promise<void> | undefined {
    const pending = pendingResources(records);
    return pending && this.core.during(this.#awaitResources([...pending]));
  }

  async forceFlush(): Promise<void> {
    this.#scope.hurry();
    const before = this.#flushed;
    this.#flushed = await this.#settles(this.core.shutdownTimeoutMs);
    if (this.#flushed || !before) return;
    const { inFlight: count } = this.counters.stats();
    this.core.diagnostics.report({ code: 'flush_incomplete', count });
  }

  shutdown(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  stats(): Stats {
    return this.counters.stats(this.core.parked());
  }

  async #end(): Promise<void> {
    const { clock, shutdownTimeoutMs } = this.core;
    const until = clock.now() + shutdownTimeoutMs;
    this.#scope.finish();
    await this.#settles(Math.max(shutdownTimeoutMs - LAST_PART_MS, shutdownTimeoutMs * 0.9));
    this.#scope.abort('shutdown');
    await this.#settles(LAST_PART_MS);
    if (this.#ownsClient) await this.core.close(Math.max(until - clock.now(), 0));
  }

  #settles(ms: number): Promise<boolean> {
    return endsWithin(this.core.clock, this.inFlight.settled(), { ms, hold: 'process' });
  }

  #encode(record: T): EncodedEvent | 'left_out' | 'not_encodable' {
    try {
      return this.#select(record) ? this.core.encode(this.#map(record)) : 'left_out';
    } catch {
      return 'not_encodable';
    }
  }

  async #awaitResources(pending: readonly ResourceLike[]): Promise<void> {
    const { clock, config, diagnostics } = this.core;
    const all = Promise.all(pending.map(async (each) => each.waitForAsyncAttributes?.()));
    const known = Promise.race([all, ended(this.#scope.signal)]);
    const limit = { ms: config.timeoutMs, hold: 'background' } as const;
    if (await endsWithin(clock, known, limit)) return;
    diagnostics.report({ code: 'resource_still_pending' });
  }
}

/**
 * Gives each record object a key when it is first seen, and the same key whenever it is seen again.
 *
 * @param writerId - differs between processes and exporters
 */
function createFirstSightKeys(writerId: string): (record: object) => string {
  const keys = new WeakMap<object, string>();
  let sequence = 0;
  return (record) => {
    const known = keys.get(record);
    if (known !== undefined) return known;
    sequence += 1;
    const key = `${writerId}-${sequence}`;
    keys.set(record, key);
    return key;
  };
}

/** Resolves when a scope has ended. */
function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const onAbort = (): void => {
      resolve();
    };
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function pendingResources(records: readonly AnyRecord[]): Set<ResourceLike> | undefined {
  let pending: Set<ResourceLike> | undefined;
  let last: ResourceLike | undefined;
  for (const record of records) {
    const resource = resourceOf(record);
    // One resource is behind nearly every batch; asking it once is enough.
    if (resource === undefined || resource === last) continue;
    last = resource;
    if (resource.asyncAttributesPending === true) (pending ??= new Set()).add(resource);
  }
  return pending;
}

// A record that cannot even be read costs itself, later, and not its batch, here.
function resourceOf(record: AnyRecord): ResourceLike | undefined {
  try {
    return record.resource;
  } catch {
    return undefined;
  }
}
