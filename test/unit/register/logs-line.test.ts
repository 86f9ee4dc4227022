import { describe, expect, it } from 'vitest';
import {
  foreignLogsWarning,
  globalLoggerProvider,
  registeredLogs,
} from '../../../src/register/logs-line.ts';

const API_LOGS = Symbol.for('io.opentelemetry.js.api.logs');
const API = Symbol.for('opentelemetry.js.api.1');

describe('the globals for logs', () => {
  const provider = { getLogger: () => undefined };

  it.each([
    [{}, { apiLogs: false, api: false }],
    [{ [API]: { version: '1.9.1', trace: {} } }, { apiLogs: false, api: false }],
    [{ [API]: { logs: undefined } }, { apiLogs: false, api: false }],
    [{ [API]: { logs: provider } }, { apiLogs: false, api: true }],
    [
      { [API_LOGS]: () => provider, [API]: {} },
      { apiLogs: true, api: false },
    ],
  ])('are told apart', (globals, expected) => {
    expect(registeredLogs(globals)).toEqual(expected);
  });

  it('give the provider of either line', () => {
    expect(globalLoggerProvider({ [API]: { logs: provider } })).toBe(provider);
    const get = (version: number) => (version === 1 ? provider : undefined);
    expect(globalLoggerProvider({ [API_LOGS]: get, [API]: {} })).toBe(provider);
    expect(globalLoggerProvider({})).toBeUndefined();
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
