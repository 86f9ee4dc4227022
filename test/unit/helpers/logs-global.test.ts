import { describe, expect, it } from 'vitest';
import type { LoggerProviderLike } from '../../../src/helpers/logs-global.ts';
import { globalLoggerProvider } from '../../../src/helpers/logs-global.ts';

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
