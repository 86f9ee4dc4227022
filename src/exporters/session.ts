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
import { createOriginSetter } from '../record/origin.ts';
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
 * - A record is selected and mapped before the call returns: it is the caller's again then. One that
 *   cannot be read costs itself and not its batch.
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
  readonly #mapper: (record: T) => AuditEvent;
  readonly #withOrigin: (event: AuditEvent, resource: ResourceLike) => AuditEvent;
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
    this.#mapper = signal.createMapper(context, createFirstSightKeys(ids.newId()));
    this.#withOrigin = createOriginSetter(context);
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
   * Hands records over; `done` is called once, when each is settled, with what was lost. They are read
   * before it returns; what follows is done in slices, where there are many.
   */
  submit(records: readonly T[], done: (lost: readonly Lost[]) => void): void {
    const { clock, config, slices } = this.core;
    const started = clock.now();
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
    const pass = ({ event }: Mapped): void => {
      const outcome = this.#obstacle(deadline, 1);
      const encoded = outcome ?? this.#encode(event);
      if ('kind' in encoded) settled(encoded);
      else this.core.submit(encoded, context, settled);
    };
    const mapped = this.#read(records, deadline, settled);
    const pending = pendingResources(mapped);
    if (pending === undefined) slices.take(mapped, pass);
    else
      void this.#completed(mapped, pending).then((all) => {
        slices.take(all, pass);
      });
  }

  /** Counts records that came after the end. */
  refuse(count: number): void {
    for (let refused = 0; refused < count; refused += 1) {
      this.counters.emitted();
      this.#lose('shutdown', 'closed');
    }
  }

  async forceFlush(): Promise<void> {
    this.core.inOwnContext(() => {
      this.#scope.hurry();
    });
    const before = this.#flushed;
    this.#flushed = await this.#settles(this.core.shutdownTimeoutMs);
    if (this.#flushed || !before) return;
    const { inFlight: count } = this.counters.stats();
    this.core.diagnostics.report({ code: 'flush_incomplete', count });
  }

  shutdown(): Promise<void> {
    this.#ending ??= this.core.inOwnContext(() => this.#end());
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

  /**
   * Selects and maps, at once: the records are the caller's again when `submit` has returned. What
   * does not come through is settled here.
   */
  #read(
    records: readonly T[],
    deadline: number,
    settled: (outcome: Outcome | undefined) => void,
  ): Mapped[] {
    const mapped: Mapped[] = [];
    const waiting = this.core.slices.waiting();
    for (const record of records) {
      this.counters.emitted();
      const obstacle = this.#obstacle(deadline, waiting + mapped.length + 1);
      const event = obstacle ?? this.#map(record);
      if (typeof event === 'object') {
        if ('kind' in event) settled(event);
        else mapped.push(event);
      } else if (event === 'not_mappable') settled(this.#lose('encode_failed', NO_RECORD));
      else {
        this.counters.filtered();
        settled(undefined);
      }
    }
    return mapped;
  }

  #map(record: T): Mapped | 'left_out' | 'not_mappable' {
    try {
      if (!this.#select(record)) return 'left_out';
      return { event: this.#mapper(record), pending: pendingResource(record) };
    } catch {
      return 'not_mappable';
    }
  }

  /** Why no more work is done for a record, where there must be room for so many. */
  #obstacle(deadline: number, records: number): Lost | undefined {
    if (this.core.isFull(records)) return this.#lose('queue_full', 'maxPendingBytes reached');
    if (this.core.clock.now() < deadline) return undefined;
    return this.#lose('deadline', 'waited to be encoded');
  }

  #encode(event: AuditEvent): EncodedEvent | Lost {
    try {
      return this.core.encode(event);
    } catch {
      return this.#lose('encode_failed', NO_RECORD);
    }
  }

  #lose(reason: DropReason, detail: string): Lost {
    return this.core.lose(this.#sourceId, reason, detail);
  }

  /**
   * The events once their resources know all their attributes, after `timeoutMs` at the latest. Read
   * earlier, a resource gives half of them, without an error, and half a resource would be in the ledger
   * for ever. The built-in processors of the SDK wait too; a custom one may not.
   */
  async #completed(
    mapped: readonly Mapped[],
    pending: ReadonlySet<ResourceLike>,
  ): Promise<readonly Mapped[]> {
    await this.core.during(this.#awaitResources([...pending]));
    return mapped.map((each) => {
      if (each.pending === undefined) return each;
      return { ...each, event: this.#withOrigin(each.event, each.pending) };
    });
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

/** A record that was read, with its resource where that did not know all its attributes then. */
interface Mapped {
  readonly event: AuditEvent;
  readonly pending: ResourceLike | undefined;
}

const NO_RECORD = 'not a record that can be encoded';

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

// A resource that cannot even be asked has been read as far as it could be.
function pendingResource({ resource }: AnyRecord): ResourceLike | undefined {
  try {
    return resource.asyncAttributesPending === true ? resource : undefined;
  } catch {
    return undefined;
  }
}

function pendingResources(mapped: readonly Mapped[]): Set<ResourceLike> | undefined {
  let all: Set<ResourceLike> | undefined;
  for (const { pending } of mapped) {
    if (pending !== undefined) (all ??= new Set()).add(pending);
  }
  return all;
}
