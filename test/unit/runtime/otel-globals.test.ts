import { describe, expect, it } from 'vitest';
import type { LoggerProviderLike } from '../../../src/runtime/otel-globals.ts';
import {
  foreignLogsWarning,
  globalLoggerProvider,
  registeredLogs,
} from '../../../src/runtime/otel-globals.ts';

const provider = (): LoggerProviderLike => ({ getLogger: () => ({ emit() {} }) });

// How the two APIs register, by their own sources.
const API = Symbol.for('opentelemetry.js.api.1');
const API_LOGS = Symbol.for('io.opentelemetry.js.api.logs');
const asApiLogs = (registered: LoggerProviderLike) => (version: number) =>
  version === 1 ? registered : undefined;

describe('the registered logger provider', () => {
  it('is that of api-logs where only this one is registered', () => {
    const registered = provider();
    const globals = { [API]: { version: '1.9.1' }, [API_LOGS]: asApiLogs(registered) };
    expect(globalLoggerProvider(globals)).toBe(registered);
  });

  it('is one of two, so that one audit event stays one record', () => {
    const registered = provider();
    const globals = { [API]: { logs: registered }, [API_LOGS]: asApiLogs(provider()) };
    expect(globalLoggerProvider(globals)).toBe(registered);
  });

  it('is none where nothing is registered, or by an interface that is not known', () => {
    expect(globalLoggerProvider({})).toBeUndefined();
    expect(globalLoggerProvider({ [API_LOGS]: () => undefined })).toBeUndefined();
  });
});

describe('the globals for logs', () => {
  it.each([
    [{}, { apiLogs: false, api: false }],
    [{ [API]: { version: '1.9.1', trace: {} } }, { apiLogs: false, api: false }],
    [{ [API]: { logs: undefined } }, { apiLogs: false, api: false }],
    [{ [API]: { logs: provider() } }, { apiLogs: false, api: true }],
    [
      { [API_LOGS]: () => provider(), [API]: {} },
      { apiLogs: true, api: false },
    ],
  ])('are told apart', (globals, expected) => {
    expect(registeredLogs(globals)).toEqual(expected);
  });
});

describe('the warning of logs that would not arrive', () => {
  it('names the way out for an SDK 3.x beside api-logs', () => {
    const apis = { listening: 'api', apiVersion: '1.10.0', apiLogsVersion: '0.223.1' } as const;
    expect(foreignLogsWarning(apis)).toContain(
      "do not reach this SDK (3.x): import { logs } from '@opentelemetry/api' instead",
    );
  });

  it('names the way out for an SDK 2.x beside an API with logs', () => {
    const apis = {
      listening: 'api-logs',
      apiVersion: '1.12.0',
      apiLogsVersion: '0.223.1',
    } as const;
    expect(foreignLogsWarning(apis)).toContain(
      "do not reach this SDK (2.x): import { logs } from '@opentelemetry/api-logs' instead",
    );
  });

  it.each([
    { listening: 'api', apiVersion: '1.10.0', apiLogsVersion: undefined },
    { listening: 'api-logs', apiVersion: '1.9.1', apiLogsVersion: '0.223.1' },
    { listening: 'api-logs', apiVersion: undefined, apiLogsVersion: '0.223.1' },
    { listening: 'none', apiVersion: '1.10.0', apiLogsVersion: '0.223.1' },
  ] as const)('is silent where all go the same way: %j', (apis) => {
    expect(foreignLogsWarning(apis)).toBeUndefined();
  });
});
