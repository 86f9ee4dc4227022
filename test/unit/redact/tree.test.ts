import { describe, expect, it } from 'vitest';
import { createRedactionCounters } from '../../../src/redact/accounting.ts';
import { createEngine } from '../../../src/redact/redactor.ts';
import type { JsonValue } from '../../../src/record/json.ts';
import { resolveRedactOptions } from '../../../src/redact/resolve.ts';

const redact = (value: JsonValue): unknown =>
  createEngine(resolveRedactOptions({}), createRedactionCounters()).tree(value, 'name');

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
