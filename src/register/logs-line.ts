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

const API_LOGS_GLOBAL = Symbol.for('io.opentelemetry.js.api.logs');
const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');

/** Whether a logger provider is registered in the global of each of the logs APIs. */
export function registeredLogs(globals: object): {
  readonly apiLogs: boolean;
  readonly api: boolean;
} {
  const shared: unknown = Reflect.get(globals, API_GLOBAL);
  const hasLogs = typeof shared === 'object' && shared !== null && 'logs' in shared;
  return {
    apiLogs: Reflect.get(globals, API_LOGS_GLOBAL) !== undefined,
    api: hasLogs && shared.logs !== undefined,
  };
}

function hasLogs(apiVersion: string | undefined): boolean {
  const [major = 0, minor = 0] = (apiVersion ?? '').split('.').map(Number);
  return major === 1 && minor >= 10;
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

/** The logger provider that the SDK registered, whichever global it took. */
export function globalLoggerProvider(globals: object): unknown {
  const shared: unknown = Reflect.get(globals, API_GLOBAL);
  if (typeof shared === 'object' && shared !== null && 'logs' in shared) return shared.logs;
  const get: unknown = Reflect.get(globals, API_LOGS_GLOBAL);
  // The version of that API, by which it refuses what it cannot talk to.
  return typeof get === 'function' ? Reflect.apply(get, globals, [1]) : undefined;
}
