import { describe, expect, it } from 'vitest';
import { findOwnEntries, replaceProcessor } from '../../../src/register/from-file.ts';

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

describe('the place of a placeholder', () => {
  const processor = (name: string, ended: string[] = []) => ({
    name,
    forceFlush: () => Promise.resolve(),
    shutdown: () => {
      ended.push(name);
      return Promise.resolve();
    },
  });

  it('is taken, and the placeholder ended', () => {
    const ended: string[] = [];
    const list = [processor('first', ended), processor('placeholder', ended)];
    const provider = { _activeSpanProcessor: { _spanProcessors: list } };
    expect(replaceProcessor(provider, 1, processor('ours'))).toBe(true);
    expect(list.map(({ name }) => name)).toEqual(['first', 'ours']);
    expect(ended).toEqual(['placeholder']);
  });

  it.each([
    [undefined],
    [{}],
    [{ _activeSpanProcessor: { _spanProcessors: 'changed' } }],
    [{ _sharedState: { activeProcessor: { processors: [] } } }],
  ])('is not taken in an SDK that is otherwise: %j', (provider) => {
    expect(replaceProcessor(provider, 0, processor('ours'))).toBe(false);
  });
});
