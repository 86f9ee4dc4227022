import { describe, expect, it } from 'vitest';
import { isExporterError } from '../../../src/errors.ts';
import {
  logRecordExporterProvider,
  optionsFromProperties,
  spanExporterProvider,
} from '../../../src/exporters/component-provider.ts';

describe('a provider of components', () => {
  it.each([
    [spanExporterProvider, 'SpanExporter'],
    [logRecordExporterProvider, 'LogRecordExporter'],
  ])('names what it makes, and makes it from the properties of a file', async (provider, type) => {
    expect(provider).toMatchObject({ type, name: 'immutablelog' });
    const exporter = provider.create({ api_key: 'key', url: 'http://127.0.0.1:9' });
    expect(exporter.stats().emitted).toBe(0);
    await exporter.shutdown();
  });

  it.each([
    [{ api_key: 'key', sapns: 'all' }, 'unknown option sapns (did you mean spans?)'],
    ['api_key', 'immutablelog must be a mapping of options'],
    [['api_key'], 'immutablelog must be a mapping of options'],
  ])('refuses %j', (properties, message) => {
    let thrown: unknown;
    try {
      spanExporterProvider.create(properties);
    } catch (error) {
      thrown = error;
    }
    expect(isExporterError(thrown)).toBe(true);
    expect(thrown).toMatchObject({ code: 'config_invalid', message });
  });
});

describe('the properties of a file', () => {
  it('become options: names in camel case at every depth, nulls left out, headers as they are', () => {
    const properties = {
      timeout_ms: 1,
      ignore_paths: ['/a_b'],
      env: null,
      headers: { 'x-team_name': 'x' },
      redact: { url_query_allow: ['page_size'], rules: [{ match: 'user_id', action: 'keep' }] },
    };
    expect(optionsFromProperties(properties)).toEqual({
      timeoutMs: 1,
      ignorePaths: ['/a_b'],
      headers: { 'x-team_name': 'x' },
      redact: { urlQueryAllow: ['page_size'], rules: [{ match: 'user_id', action: 'keep' }] },
    });
    expect(optionsFromProperties(null)).toEqual({});
  });
});
