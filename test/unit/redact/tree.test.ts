import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/record/json.ts';
import { createRedactionCounters } from '../../../src/redact/accounting.ts';
import { createDigester } from '../../../src/redact/digest.ts';
import { resolveRedactOptions } from '../../../src/redact/resolve.ts';
import { createDecisions } from '../../../src/redact/rules.ts';
import { ScanBudget } from '../../../src/redact/accounting.ts';
import { createApplyRule, createTree, NameTree } from '../../../src/redact/tree.ts';

const decide = createDecisions(resolveRedactOptions({}));
const redactTree = createTree({
  decide,
  scanText: (text) => text.replaceAll('a@b.co', '[email]'),
  isClean: (text) => !text.includes('a@b.co'),
  applyRule: createApplyRule(createDigester(undefined), createRedactionCounters()),
  naming: 'suffix',
  detect: 'text',
  budget: new ScanBudget(createRedactionCounters()),
});
const redact = (value: JsonValue): unknown => redactTree(value, 'name');

describe('the redaction of a tree', () => {
  it('gives back the very tree when nothing in it changes', () => {
    const clean = { a: [1, 'x', { b: [] }], c: { d: null, e: {} } };
    expect(redact(clean)).toBe(clean);
    expect(redact(clean.a)).toBe(clean.a);
  });

  it('shares with the tree given all parts in which nothing changes', () => {
    const same = { list: [1, 2], map: { x: 1 } };
    const given = { ...same, mixed: [same.map, 'a@b.co', same.list], password: 'p' };
    const result = redact(given) as typeof given;
    expect(result.list).toBe(same.list);
    expect(result.map).toBe(same.map);
    expect([result.mixed[0], result.mixed[2]]).toEqual([same.map, same.list]);
    expect(result.mixed[0]).toBe(same.map);
    expect(result.mixed[2]).toBe(same.list);
    expect(given.mixed[1]).toBe('a@b.co');
    expect(given.password).toBe('p');
  });

  it('keeps the order of the entries around those that change', () => {
    const given = { z: 1, email: 'a', a: 2, password: 'p', m: 3 };
    expect(Object.keys(redact(given) as object)).toEqual(['z', 'email_hash', 'a', 'password', 'm']);
  });
});

function observed(): { asked: string[]; names: NameTree } {
  const asked: string[] = [];
  const names = new NameTree({
    decide: (path) => {
      asked.push(path);
      return decide(path);
    },
    scanText: (text) => text.replace('maria', '[x]'),
    isClean: (text) => !text.includes('maria'),
  });
  return { asked, names };
}

describe('the memory of names', () => {
  it('decides once per path, with what was decided about the container', () => {
    const { asked, names } = observed();
    for (let round = 0; round < 2; round += 1) {
      const child = names.child(names.child(names.root, 'password'), 'hint');
      expect([child.path, child.decision?.action]).toEqual(['password.hint', 'mask']);
    }
    expect(asked).toEqual(['password', 'password.hint']);
  });

  it('keeps no name that shows personal data, and none that is very long', () => {
    const { asked, names } = observed();
    const long = 'x'.repeat(600);
    for (const key of ['maria', 'maria', long, long]) names.child(names.root, key);
    expect(asked).toEqual(['maria', 'maria', long, long]);
    expect(names.child(names.root, 'maria').safe).toBe('[x]');
    expect(names.root.known?.size ?? 0).toBe(0);
  });

  it('keeps a name whose path has 512 characters, and none with one more', () => {
    const { asked, names } = observed();
    const parent = names.child(names.root, 'p');
    for (const length of [510, 510, 511, 511]) names.child(parent, 'x'.repeat(length));
    expect(asked.map((path) => path.length)).toEqual([1, 512, 513, 513]);
  });

  it('keeps no name that was changed, whoever thinks it clean', () => {
    const names = new NameTree({
      decide,
      scanText: (text) => text.replace('maria', '[x]'),
      isClean: () => true,
    });
    expect(names.child(names.root, 'maria').safe).toBe('[x]');
    expect(names.root.known?.size ?? 0).toBe(0);
  });

  it('gives the same answer for the same keys, and for no others', () => {
    const { asked, names } = observed();
    const keysOf = (keys: readonly string[]): readonly string[] =>
      names.children(names.root, keys).map(({ key }) => key);
    const first = names.children(names.root, ['a', 'b']);
    expect(names.children(names.root, ['a', 'b'])).toBe(first);
    for (const keys of [['a', 'b', 'c'], ['a', 'b'], ['a'], ['c', 'b'], ['c', 'a'], []]) {
      expect(keysOf(keys)).toEqual(keys);
    }
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  it('keeps no keys of an object of which one shows personal data', () => {
    const { asked, names } = observed();
    for (let round = 0; round < 2; round += 1) {
      const nodes = names.children(names.root, ['a', 'maria', 'b']);
      expect(nodes.map(({ safe }) => safe)).toEqual(['a', '[x]', 'b']);
      expect(names.root.last).toBeUndefined();
    }
    expect(asked).toEqual(['a', 'maria', 'b', 'maria']);
  });

  it('never remembers more than 4096 names', () => {
    const names = new NameTree({
      decide,
      scanText: (text) => text,
      isClean: () => true,
    });
    let most = 0;
    for (let index = 0; index < 4100; index += 1) {
      names.child(names.root, `n${index}`);
      most = Math.max(most, names.root.known?.size ?? 0);
    }
    expect(most).toBe(4096);
  });

  it('forgets names rather than grow without bound', () => {
    const { asked, names } = observed();
    for (let index = 0; index < 4_200; index += 1) names.child(names.root, `n${index}`);
    expect(names.root.known?.size ?? 0).toBeLessThanOrEqual(4096);
    names.child(names.root, 'n0');
    expect(asked.filter((path) => path === 'n0')).toHaveLength(2);
  });

  it('forgets the oldest names first, and half of them at most', () => {
    const { asked, names } = observed();
    for (let index = 0; index < 4_097; index += 1) names.child(names.root, `n${index}`);
    for (let index = 2_100; index < 4_097; index += 1) names.child(names.root, `n${index}`);
    expect(asked).toHaveLength(4_097);
  });

  it('still remembers after a name went whose members were being added', () => {
    const { names } = observed();
    const parent = names.child(names.root, 'parent');
    for (let index = 0; index < 5_000; index += 1) names.child(names.root, `n${index}`);
    for (let index = 0; index < 9_000; index += 1) names.child(parent, `m${index}`);
    const kept = names.child(names.root, 'later');
    expect(names.child(names.root, 'later')).toBe(kept);
  });
});
