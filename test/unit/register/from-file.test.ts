import { describe, expect, it } from 'vitest';
import { replaceProcessor } from '../../../src/register/from-file.ts';

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
