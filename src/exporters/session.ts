import { ImmutableLogClient, coreOf } from '../client.ts';
import { readEnvironment } from '../config/environment.ts';
import type { ImmutableLogOptions, MappingOptions } from '../config/options.ts';
import { MAPPING_OPTION_NAMES, requireKnownOptions } from '../config/options.ts';
import type { MappingConfig } from '../config/resolve.ts';
import { resolveMappingConfig } from '../config/resolve.ts';
import type { ClientCore, EncodedEvent } from '../core.ts';
import type { SendContext } from '../delivery/delivery.ts';
import type { Outcome } from '../outcome.ts';
import type { InFlight, OwnSendScope } from '../delivery/send-scope.ts';
import { createInFlight } from '../delivery/send-scope.ts';
import { ExporterError } from '../errors.ts';
import type { AuditEvent } from '../record/event.ts';
import { createLogMapper } from '../record/from-log.ts';
import { createSpanMapper } from '../record/from-span.ts';
import type { MappingContext } from '../record/origin.ts';
import type { LogRecordLike, ResourceLike, SpanLike } from '../record/otel-types.ts';
import { createLogFilter, createSpanFilter } from '../record/select.ts';
import type { Clock } from '../runtime/clock.ts';
import { endsWithin } from '../runtime/clock.ts';
import { isOwnWords, ownWords } from '../runtime/diagnostics.ts';
import { isOwn, runAsOwn } from '../runtime/suppress-tracing.ts';
import type { Counters, Stats } from '../telemetry/counters.ts';
import { createCounters } from '../telemetry/counters.ts';
import type { ExporterMetrics } from '../telemetry/metrics.ts';
import { createExporterMetrics } from '../telemetry/metrics.ts';

/**
 * Gives each record object a key when it is first seen, and the same key whenever it is seen
 * again: an SDK that exports a record twice does not make two events of it.
 *
 * @param writerId - differs between processes and exporters
 */
export function createFirstSightKeys(writerId: string): (record: object) => string {
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

/** A record with the resource it came from. */
interface WithResource {
  readonly resource: ResourceLike;
}

// A record that cannot even be read costs itself, later, and not its batch, here.
function resourceOf(record: WithResource): ResourceLike | undefined {
  try {
    return record.resource;
  } catch {
    return undefined;
  }
}

/** Resources of a batch whose attributes are still being detected. */
export function pendingResources(records: readonly WithResource[]): readonly ResourceLike[] {
  let pending: Set<ResourceLike> | undefined;
  let last: ResourceLike | undefined;
  for (const record of records) {
    const resource = resourceOf(record);
    // One resource is behind nearly every batch; asking it once is enough.
    if (resource === undefined || resource === last) continue;
    last = resource;
    if (resource.asyncAttributesPending === true) (pending ??= new Set()).add(resource);
  }
  return pending === undefined ? [] : [...pending];
}

/**
 * Waits until the resources know their attributes: reading them earlier gives half of them,
 * without an error. The built-in processors wait too; a custom one may not.
 *
 * @returns whether they all ended within `ms`
 */
export function awaitResources(
  resources: readonly ResourceLike[],
  clock: Clock,
  ms: number,
): Promise<boolean> {
  const all = Promise.all(resources.map(async (resource) => resource.waitForAsyncAttributes?.()));
  return endsWithin(clock, all, { ms, hold: 'background' });
}

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

/** What an exporter is built on. */
export interface ExporterParts {
  readonly core: ClientCore;
  readonly ownsClient: boolean;
  readonly mapping: MappingConfig;
}

/**
 * Takes the options of an exporter apart and makes its client, unless one was given.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function resolveExporterOptions(options: ExporterOptions): ExporterParts {
  const environment = readEnvironment(process.env);
  if ('client' in options) {
    requireKnownOptions(options, ['client', ...MAPPING_OPTION_NAMES]);
    const mapping = resolveMappingConfig(options, environment);
    return { core: coreOf(options.client), ownsClient: false, mapping };
  }
  const mapping = resolveMappingConfig(options, environment);
  const { spans, logs, ignorePaths, warningType, clientIp, ...clientOptions } = options;
  const client = new ImmutableLogClient(clientOptions);
  return { core: coreOf(client), ownsClient: true, mapping };
}

/**
 * Which spans are sent: those that the options choose, and none that the package made itself.
 * A choice of the program's that makes spans would be asked about its own, without end; so it
 * runs as the package's.
 */
export function createSpanRecordFilter({
  spans,
  ignorePaths,
}: MappingConfig): (span: SpanLike) => boolean {
  const chosen = typeof spans === 'function' ? asOwn(spans) : spans;
  const wanted = createSpanFilter({ spans: chosen, ignorePaths });
  return (span) => !isOwn(span.spanContext()) && wanted(span);
}

/** Which log records are sent; as {@link createSpanRecordFilter}, and none that repeats our words. */
export function createLogRecordFilter({ logs }: MappingConfig): (record: LogRecordLike) => boolean {
  const wanted = createLogFilter({ logs: typeof logs === 'function' ? asOwn(logs) : logs });
  return (record) => !isOwn(record.spanContext) && !isOwnWords(record.body) && wanted(record);
}

function asOwn<T>(choose: (record: T) => boolean): (record: T) => boolean {
  return (record) => runAsOwn(() => choose(record));
}

/** What makes the session of one signal. */
export interface SessionParts<T> {
  readonly core: ClientCore;
  /** Whether the client was made for this exporter and ends with it. */
  readonly ownsClient: boolean;
  readonly select: (record: T) => boolean;
  readonly map: (record: T) => AuditEvent;
  readonly metrics: ExporterMetrics;
}

/** The records of one exporter or processor, on one account with the client. */
export interface RecordAccount<T> {
  readonly scope: OwnSendScope;
  readonly counters: Counters;
  readonly inFlight: InFlight;
  /** Whether nothing is taken any more. */
  readonly ended: boolean;
  /** How records are handed over that must be settled by so many ms on the monotonic clock. */
  context(deadline: number): SendContext;
  /**
   * Maps and hands over one record. `done` is called once, at once or later: with `undefined` when
   * it is left out.
   */
  submit(record: T, context: SendContext, done: (outcome: Outcome | undefined) => void): void;
  /** Counts a record that came after the end. */
  refuse(): void;
  /** @throws ExporterError `deadline` when not all is settled within `shutdownTimeoutMs` */
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
  stats(): Stats;
}

/** Opens an account. `forceFlush` and `shutdown` are about its own records, and safe together. */
export function openRecordAccount<T>(parts: SessionParts<T>): RecordAccount<T> {
  const { core, ownsClient, select, map } = parts;
  const { clock, config } = core;
  const counters = createCounters(core.counters);
  const sourceId = core.enrol(counters);
  const scope = core.adopt('background');
  const inFlight = createInFlight();
  const limit = { ms: config.shutdownTimeoutMs, hold: 'process' } as const;
  let ending: Promise<void> | undefined;

  function encode(record: T): EncodedEvent | 'left_out' | 'not_encodable' {
    try {
      return select(record) ? core.encode(map(record)) : 'left_out';
    } catch {
      return 'not_encodable';
    }
  }

  async function drain(): Promise<void> {
    scope.finish();
    await endsWithin(clock, inFlight.settled(), limit);
    scope.abort('shutdown');
    await inFlight.settled();
    if (ownsClient) await core.close();
  }

  return {
    scope,
    counters,
    inFlight,
    get ended() {
      return ending !== undefined;
    },
    context: (deadline) => core.context({ scope, sourceId, awaited: false, deadline }),
    submit(record, context, done) {
      counters.emitted();
      const event = encode(record);
      if (event === 'left_out') {
        counters.filtered();
        done(undefined);
      } else if (event === 'not_encodable') {
        done(core.lose(sourceId, 'encode_failed', 'not a record that can be encoded'));
      } else core.submit(event, context, done);
    },
    refuse() {
      counters.emitted();
      core.lose(sourceId, 'shutdown', 'closed');
    },
    async forceFlush() {
      scope.hurry();
      if (await endsWithin(clock, inFlight.settled(), limit)) return;
      const { inFlight: open } = counters.stats();
      throw new ExporterError(
        'deadline',
        ownWords(`${open} events were still under way after the flush`),
      );
    },
    shutdown() {
      ending ??= drain();
      return ending;
    },
    stats: () => counters.stats(core.parked()),
  };
}

/** What one signal has of its own. */
export interface SignalParts<T> {
  readonly signal: 'span' | 'log';
  /** Makes the function that says whether a record is sent. */
  readonly createFilter: (mapping: MappingConfig) => (record: T) => boolean;
  /** Makes the function that turns a record into an event. */
  readonly createMapper: (
    context: MappingContext,
    keyFor: (record: T) => string,
  ) => (record: T) => AuditEvent;
}

// The number of an exporter is part of its name in the metrics (semantic conventions, otel.*).
const opened = { span: 0, log: 0 };

/**
 * Builds what is behind an exporter or a processor.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function resolveSession<T extends object>(
  options: ExporterOptions,
  { signal, createFilter, createMapper }: SignalParts<T>,
): SessionParts<T> {
  const { core, ownsClient, mapping } = resolveExporterOptions(options);
  const { config, ids, clock } = core;
  const context = { ...mapping, now: clock.wallTime };
  return {
    core,
    ownsClient,
    select: createFilter(mapping),
    map: createMapper(context, createFirstSightKeys(ids.newId())),
    metrics: createExporterMetrics({
      signal,
      meterProvider: config.meterProvider,
      origin: config.endpoint.origin,
      ordinal: opened[signal]++,
    }),
  };
}

/** What spans have of their own. */
export const SPAN_SIGNAL: SignalParts<SpanLike> = {
  signal: 'span',
  createFilter: createSpanRecordFilter,
  createMapper: createSpanMapper,
};

/** What log records have of their own. */
export const LOG_SIGNAL: SignalParts<LogRecordLike> = {
  signal: 'log',
  createFilter: createLogRecordFilter,
  createMapper: createLogMapper,
};
