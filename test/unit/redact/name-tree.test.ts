import { describe, expect, it } from 'vitest';
import { createNameTree } from '../../../src/redact/name-tree.ts';
import { resolveRedactOptions } from '../../../src/redact/resolve.ts';
import { compileRules } from '../../../src/redact/rules.ts';

function observed(): { asked: string[]; names: ReturnType<typeof createNameTree> } {
  const asked: string[] = [];
  const decide = compileRules(resolveRedactOptions({}));
  const names = createNameTree({
    decide: (path) => {
      asked.push(path);
      return decide(path);
    },
    search: (text) => text.replace('maria', '[x]'),
    isClean: (text) => !text.includes('maria'),
  });
  return { asked, names };
}

describe('the memory of names', () => {
  it('decides once per path, with what was decided about the container', () => {
    const { asked, names } = observed();
    for (let round = 0; round < 2; round += 1) {
      const child = names.child(names.child(names.root(), 'password'), 'hint');
      expect([child.path, child.decision?.action]).toEqual(['password.hint', 'mask']);
    }
    expect(asked).toEqual(['password', 'password.hint']);
  });

  it('keeps no name that shows personal data, and none that is very long', () => {
    const { asked, names } = observed();
    const long = 'x'.repeat(600);
    for (const key of ['maria', 'maria', long, long]) names.child(names.root(), key);
    expect(asked).toEqual(['maria', 'maria', long, long]);
    expect(names.child(names.root(), 'maria').safe).toBe('[x]');
    expect(names.root().known.size).toBe(0);
  });

  it('starts anew rather than grow without bound', () => {
    const { asked, names } = observed();
    for (let index = 0; index < 10_000; index += 1) names.child(names.root(), `n${index}`);
    expect(names.root().known.size).toBeLessThanOrEqual(4096);
    names.child(names.root(), 'n0');
    expect(asked.filter((path) => path === 'n0')).toHaveLength(2);
  });
});
