import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isExporterError } from '../../../src/errors.ts';
import {
  logRecordExporterProvider,
  optionsFromProperties,
  spanExporterProvider,
} from '../../../src/exporters/component-provider.ts';
import { REPOSITORY } from '../../support/run-script.ts';

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

  it('may hold rules with regular expressions as JavaScript writes them', () => {
    const rules = [
      { match: '/^user\\.(phone|ssn)$/i', action: 'keep' },
      { match: 'user.*', action: 'drop' },
    ];
    expect(optionsFromProperties({ redact: { mode: 'allow', detect: 'all', rules } })).toEqual({
      redact: {
        mode: 'allow',
        detect: 'all',
        rules: [{ match: /^user\.(phone|ssn)$/i, action: 'keep' }, rules[1]],
      },
    });
  });

  it('may name the file of the rules', () => {
    const rules = join(REPOSITORY, 'examples/redaction/rules.json');
    expect(optionsFromProperties({ redact: { rules } })).toMatchObject({
      redact: { rules: expect.arrayContaining([{ match: 'debug.*', action: 'drop' }]) as unknown },
    });
  });

  it.each([
    ['no-such-file.json', 'the file of redact.rules cannot be read (ENOENT)'],
    [
      [{ match: '/(/', action: 'mask' }],
      'redact.rules[0].match must be a valid regular expression',
    ],
    [{}, 'redact.rules must be an array'],
  ])('are refused with the rules %j', (rules, message) => {
    const create = () => spanExporterProvider.create({ api_key: 'key', redact: { rules } });
    expect(create).toThrow(message);
  });
});
