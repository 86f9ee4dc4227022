import { describe, expect, it } from 'vitest';
import { findOwnEntries } from '../../../src/register/config-file.ts';

describe('the entries of a configuration file', () => {
  it('are found with their place, their settings and what stands in them', () => {
    const model = {
      tracer_provider: {
        processors: [
          { batch: { exporter: { otlp_http: null } } },
          { batch: { schedule_delay: 5, exporter: { immutablelog: { spans: 'all' } } } },
        ],
      },
      logger_provider: { processors: [{ simple: { exporter: { immutablelog: null } } }] },
    };
    expect(findOwnEntries(model)).toEqual([
      {
        signal: 'span',
        index: 1,
        kind: 'batch',
        properties: { spans: 'all' },
      },
      { signal: 'log', index: 0, kind: 'simple', properties: null },
    ]);
  });

  it.each([[undefined], [null], [{}], [{ tracer_provider: { processors: null } }], ['text']])(
    'are none in %j',
    (model) => {
      expect(findOwnEntries(model)).toEqual([]);
    },
  );
});
