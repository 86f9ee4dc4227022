import type { Clock } from '../runtime/clock.ts';
import { endsWithin, systemClock } from '../runtime/clock.ts';
import { openClients } from '../runtime/open-clients.ts';
import { globalLoggerProvider, globalTracerProvider } from '../runtime/otel-globals.ts';

/** Something with events under way: a provider, a processor, an exporter or a client. */
export type Flushable =
  | {
      /** As providers, processors and exporters have it. */
      forceFlush(): Promise<void>;
    }
  | {
      /** As `ImmutableLogClient` has it. */
      flush(): Promise<void>;
    };

/** The part of a Lambda context that is read. */
export interface DeadlineContext {
  /** Milliseconds until the platform ends the invocation. */
  getRemainingTimeInMillis?(): number;
}

/** A function that a platform calls once per event. */
export type Handler<Event, Context, Result> = (
  event: Event,
  context: Context,
) => Promise<Result> | Result;

/** What is flushed after each invocation, and how much time is left alone. */
export interface FlushHandlerOptions {
  /** Tracer and logger providers, or processors. @defaultValue the registered ones */
  readonly providers?: readonly Flushable[] | undefined;
  /** Exporters, after the providers. @defaultValue none: providers flush theirs */
  readonly exporters?: readonly Flushable[] | undefined;
  /** Client that is flushed before the others of the process. @defaultValue none: all are flushed */
  readonly client?: Flushable | undefined;
  /** Time kept for the platform itself, in ms. @defaultValue 200 */
  readonly marginMs?: number | undefined;
}

const MARGIN_MS = 200;
// Where the context does not tell the time that is left.
const UNKNOWN_REMAINING_MS = 5_000;

function remainingMs(context: DeadlineContext | undefined): number {
  try {
    const ms = context?.getRemainingTimeInMillis?.();
    return typeof ms === 'number' && Number.isFinite(ms) ? ms : UNKNOWN_REMAINING_MS;
  } catch {
    return UNKNOWN_REMAINING_MS;
  }
}

/** The providers that the program has registered; those of the bare API cannot be flushed. */
function globalProviders(): readonly Flushable[] {
  return [globalTracerProvider(), globalLoggerProvider()].filter(isFlushable);
}

function isFlushable(provider: unknown): provider is { forceFlush(): Promise<void> } {
  return (
    typeof provider === 'object' &&
    provider !== null &&
    'forceFlush' in provider &&
    typeof provider.forceFlush === 'function'
  );
}

async function flushOne(target: Flushable): Promise<void> {
  await ('forceFlush' in target ? target.forceFlush() : target.flush());
}

async function flushAll(options: FlushHandlerOptions, withinMs: number): Promise<void> {
  const { providers = globalProviders(), exporters = [], client } = options;
  // In the order in which events travel: a provider hands to its exporters, these to the client.
  const stages = [providers, exporters, client === undefined ? [] : [client]];
  for (const stage of stages) await Promise.allSettled(stage.map(flushOne));
  // The SDK's processors do not wait for a batch that is being exported; the clients know of it.
  await Promise.all(openClients().map((each) => each.settle(withinMs)));
}

/**
 * Wraps a Lambda-style handler so that its events are delivered before the platform freezes the
 * process: after each invocation everything is flushed, for at most the remaining time less
 * `marginMs` (5 s where the context does not tell it).
 *
 * Result and error of the handler stay as they are; a flush that fails or takes too long changes
 * neither. What is not delivered in time goes on when the process is thawed.
 *
 * @example
 * ```ts
 * export const handler = withImmutableLogFlush(async (event) => ({ statusCode: 200 }));
 * ```
 */
export function withImmutableLogFlush<Event, Context extends DeadlineContext, Result>(
  handler: Handler<Event, Context, Result>,
  options: FlushHandlerOptions = {},
): (event: Event, context: Context) => Promise<Result> {
  return flushAfter(systemClock, handler, options);
}

/** {@link withImmutableLogFlush} with a clock of one's own. */
export function flushAfter<Event, Context extends DeadlineContext, Result>(
  clock: Clock,
  handler: Handler<Event, Context, Result>,
  options: FlushHandlerOptions,
): (event: Event, context: Context) => Promise<Result> {
  return async (event, context) => {
    try {
      return await handler(event, context);
    } finally {
      const ms = remainingMs(context) - (options.marginMs ?? MARGIN_MS);
      if (ms > 0) await endsWithin(clock, flushAll(options, ms), { ms, hold: 'process' });
    }
  };
}
