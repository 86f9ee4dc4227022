import type { Context } from '@opentelemetry/api';

/** The part of a logs API `LogRecord` that is emitted here. */
export interface EmittedRecord {
  readonly eventName: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly context: Context;
}

/** What both lines of the logs API have in common. */
export interface LoggerProviderLike {
  getLogger(name: string, version?: string): { emit(record: EmittedRecord): void };
  forceFlush?(): Promise<void>;
}

// `@opentelemetry/api` from 1.10 on keeps logs beside traces; `@opentelemetry/api-logs` 0.2xx has
// a function of its own, which is asked with the version of its interface.
const API = Symbol.for('opentelemetry.js.api.1');
const API_LOGS = Symbol.for('io.opentelemetry.js.api.logs');
const API_LOGS_VERSION = 1;

interface Globals {
  readonly [API]?: { readonly logs?: LoggerProviderLike };
  readonly [API_LOGS]?: (version: number) => LoggerProviderLike | undefined;
}

/**
 * The provider that the program has registered, by whichever logs API; that of `@opentelemetry/api`
 * when there are two. Looked up anew each time, since programs register late.
 */
export function globalLoggerProvider(globals: object = globalThis): LoggerProviderLike | undefined {
  const known = globals as Globals;
  return known[API]?.logs ?? known[API_LOGS]?.(API_LOGS_VERSION);
}
