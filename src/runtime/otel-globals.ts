import type { Context } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';

// `@opentelemetry/api` from 1.10 on keeps logs beside traces; `@opentelemetry/api-logs` 0.2xx has
// a function of its own, which is asked with the version of its interface.
const API = Symbol.for('opentelemetry.js.api.1');
const API_LOGS = Symbol.for('io.opentelemetry.js.api.logs');
const API_LOGS_VERSION = 1;

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

interface Globals {
  readonly [API]?: { readonly logs?: LoggerProviderLike };
  readonly [API_LOGS]?: (version: number) => LoggerProviderLike | undefined;
}

/** The tracer provider behind the API's stand-in, which may be one of another copy of the API. */
export function globalTracerProvider(): unknown {
  const registered: object = trace.getTracerProvider();
  return isStandIn(registered) ? registered.getDelegate() : registered;
}

function isStandIn(provider: object): provider is { getDelegate(): unknown } {
  return 'getDelegate' in provider && typeof provider.getDelegate === 'function';
}

/**
 * The logger provider that the program has registered, by whichever logs API; that of
 * `@opentelemetry/api` when there are two. Looked up anew each time, since programs register late.
 */
export function globalLoggerProvider(globals: object = globalThis): LoggerProviderLike | undefined {
  const known = globals as Globals;
  return known[API]?.logs ?? known[API_LOGS]?.(API_LOGS_VERSION);
}

/** Which logs APIs there are, and which of them the SDK listens to. */
export interface LogsApis {
  /**
   * `api-logs`: the SDK took `@opentelemetry/api-logs` (SDK 2.x); `api`: it took `logs` of
   * `@opentelemetry/api` 1.10 and later (SDK 3.x); `none`: it takes no logs.
   */
  readonly listening: 'api-logs' | 'api' | 'none';
  /** Version of `@opentelemetry/api` that the application finds. */
  readonly apiVersion: string | undefined;
  /** Version of `@opentelemetry/api-logs` that the application finds. */
  readonly apiLogsVersion: string | undefined;
}

/** Whether a logger provider is registered in the global of each of the logs APIs. */
export function registeredLogs(globals: object): {
  readonly apiLogs: boolean;
  readonly api: boolean;
} {
  const known = globals as Globals;
  return { apiLogs: known[API_LOGS] !== undefined, api: known[API]?.logs !== undefined };
}

/**
 * The two logs APIs have globals of their own, which nothing connects: what is emitted through
 * the one never reaches an SDK that listens to the other, without any error.
 *
 * @returns the danger and the way out; `undefined` where there is none
 */
export function foreignLogsWarning(apis: LogsApis): string | undefined {
  const { listening, apiVersion, apiLogsVersion } = apis;
  if (listening === 'api' && apiLogsVersion !== undefined) {
    return (
      `log records emitted through @opentelemetry/api-logs ${apiLogsVersion} do not reach this ` +
      "SDK (3.x): import { logs } from '@opentelemetry/api' instead, and update logging " +
      'instrumentations to the versions for SDK 3.x'
    );
  }
  if (listening === 'api-logs' && hasLogs(apiVersion)) {
    return (
      `log records emitted through logs of @opentelemetry/api ${apiVersion} do not reach this ` +
      "SDK (2.x): import { logs } from '@opentelemetry/api-logs' instead with @opentelemetry/api " +
      '1.9, or update to SDK 3.x'
    );
  }
  return undefined;
}

function hasLogs(apiVersion: string | undefined): boolean {
  const [major = 0, minor = 0] = (apiVersion ?? '').split('.').map(Number);
  return major === 1 && minor >= 10;
}
