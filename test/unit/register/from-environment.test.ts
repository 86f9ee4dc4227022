import { describe, expect, it } from 'vitest';
import { readExporterList } from '../../../src/register/from-environment.ts';

describe('a list of exporters', () => {
  it.each([
    [undefined, true, []],
    ['', true, []],
    ['immutablelog', true, []],
    ['otlp', true, ['otlp']],
    [' OTLP , ImmutableLog ,otlp', true, ['otlp']],
    ['console,otlp', true, ['console', 'otlp']],
    ['none', false, []],
    ['none,otlp', false, []],
    ['none,immutablelog', true, []],
  ])('%j means the ledger: %s, and beside it %j', (value, ours, others) => {
    expect(readExporterList(value)).toEqual({ ours, others });
  });
});
