import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/record/json.ts';
import { clampPayload } from '../../../src/wire/clamp.ts';
import { canonicalJson } from '../../../src/wire/canonical-json.ts';

const MAX = 12_000;
const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

const identity = {
  signal: 'span',
  name: 'GET /users/:id',
  kind: 'server',
  trace_id: 'a'.repeat(32),
  span_id: 'b'.repeat(16),
  start_time: '2026-11-23T15:00:00.000000001Z',
  end_time: '2026-11-23T15:00:00.000000002Z',
  status: { code: 'error' },
};

/** Clamps and checks what holds for every result. */
function clamp(payload: JsonValue): JsonObject {
  const text = clampPayload(payload, { sha256Hex, maxBytes: MAX });
  const full = canonicalJson(payload);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX);
  const result = JSON.parse(text) as JsonObject;
  expect(text).toBe(canonicalize(result));
  expect(result['truncated']).toEqual({ bytes: Buffer.byteLength(full), digest: sha256Hex(full) });
  return result;
}

function attributesOf(count: number, length: number): JsonObject {
  const value = 'v'.repeat(length);
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`key.${String(i).padStart(4, '0')}`, value]),
  );
}

const stack = (frames: number): string =>
  [
    'TypeError: no stock',
    ...Array.from(
      { length: frames },
      (_, i) => `    at frame${String(i)} (/app/src/file.js:${String(i)}:1)`,
    ),
  ].join('\n');

describe('what fits', () => {
  it('stays as it is, to the last byte', () => {
    const payload = { a: 'x'.repeat(MAX - 8) };
    const text = clampPayload(payload, { sha256Hex, maxBytes: MAX });
    expect(text).toBe(canonicalJson(payload));
    expect(Buffer.byteLength(text)).toBe(MAX);
  });

  it('is marked one byte later', () => {
    expect(clamp({ a: 'x'.repeat(MAX - 7) })).toHaveProperty('truncated');
  });

  it('is counted in bytes, not in characters', () => {
    expect(clamp({ a: '€'.repeat(5000) })).toHaveProperty('truncated');
  });
});

describe('order', () => {
  it('cuts frames of stack traces first and keeps the head of each', () => {
    const attributes = { 'exception.stacktrace': stack(500), note: 'n'.repeat(3000) };
    const result = clamp({ ...identity, attributes, resource: attributesOf(10, 50) });
    const kept = (result['attributes'] as Record<string, string>)['exception.stacktrace'] ?? '';
    expect(kept.startsWith('TypeError: no stock\n    at frame0 ')).toBe(true);
    const frames = kept.split('\n').length - 2;
    expect(kept.endsWith(`    … ${String(500 - frames)} more lines`)).toBe(true);
    expect(frames).toBeGreaterThan(50);
    expect(result['attributes']).toHaveProperty('note', attributes.note);
    expect(result['resource']).toEqual(attributesOf(10, 50));
  });

  it('cuts a stack in a nested error of a direct event', () => {
    const result = clamp({ error: { type: 'E', stack: stack(1000) }, id: 7 });
    expect(result).toMatchObject({
      id: 7,
      error: { type: 'E', stack: expect.stringContaining('at frame0 ') },
    });
  });

  it('then takes attributes of span events, the last first, exceptions at the end', () => {
    const event = (name: string): JsonObject => ({
      name,
      time: 't',
      attributes: attributesOf(10, 300),
    });
    const result = clamp({
      ...identity,
      events: [event('first'), event('exception'), event('third'), event('last')],
      attributes: { plan: 'pro' },
      links: [{ trace_id: 'c'.repeat(32) }],
    });
    const counts = (result['events'] as JsonObject[]).map(({ name, attributes }) => [
      name,
      Object.keys(attributes ?? {}).length,
    ]);
    expect(counts).toEqual([
      ['first', 10],
      ['exception', 10],
      ['third', 10],
      ['last', expect.any(Number)],
    ]);
    expect(counts[3]?.[1]).toBeLessThan(10);
    expect(result['attributes']).toEqual({ plan: 'pro' });
    expect(result['links']).toHaveLength(1);
  });

  it('then takes links from the end', () => {
    const links = Array.from({ length: 200 }, (_, i) => ({
      trace_id: 'c'.repeat(32),
      span_id: String(i).padStart(16, '0'),
    }));
    const result = clamp({ ...identity, links, resource: attributesOf(5, 50) });
    const kept = result['links'] as JsonObject[];
    expect(kept).toEqual(links.slice(0, kept.length));
    expect(kept.length).toBeGreaterThan(100);
    expect(result['resource']).toEqual(attributesOf(5, 50));
  });

  it('then takes the resource, its largest attributes first', () => {
    const resource = { 'service.name': 's', big: 'b'.repeat(12_000) };
    const result = clamp({ ...identity, resource, attributes: attributesOf(20, 100) });
    expect(result['resource']).toMatchObject({ 'service.name': 's' });
    expect(result['attributes']).toEqual(attributesOf(20, 100));
  });

  it('then cuts the longest texts, each no further than it must', () => {
    const attributes = {
      big: 'b'.repeat(20_000),
      bigger: 'c'.repeat(30_000),
      small: 's'.repeat(900),
    };
    const result = clamp({ ...identity, attributes, body: 'short' });
    const cut = result['attributes'] as Record<string, string>;
    expect(cut['small']).toBe(attributes.small);
    expect(cut['big']).toMatch(/^b{4000,}… \[\+\d+ characters\]$/);
    expect(cut['bigger']).toMatch(/^c{4000,}… \[\+\d+ characters\]$/);
    const [, more] = /\+(\d+)/.exec(cut['big'] ?? '') ?? [];
    expect((cut['big'] ?? '').lastIndexOf('b') + 1 + Number(more)).toBe(20_000);
  });

  it('at last drops attributes, the largest first', () => {
    const attributes = { ...attributesOf(500, 50), tiny: 1 };
    const result = clamp({ ...identity, attributes });
    expect(result['attributes']).toHaveProperty('tiny', 1);
    expect(Object.keys(result['attributes'] as object).length).toBeGreaterThan(100);
  });
});

describe('the order for a log record', () => {
  it('takes its resource and attributes before its body', () => {
    const body = { list: Array.from({ length: 2000 }, (_, index) => index) };
    const resource = { ...attributesOf(50, 80), tiny: 1 };
    const attributes = attributesOf(50, 80);
    const result = clamp({ signal: 'log', body, resource, attributes });
    expect(result['body']).toEqual(body);
    expect(result).not.toHaveProperty('resource');
    expect(Object.keys(result['attributes'] as object).length).toBeLessThan(50);
  });
});

describe('identity', () => {
  it.each<[string, JsonObject]>([
    ['attributes', { attributes: attributesOf(19_000, 1) }],
    ['a huge text', { attributes: { a: 'x'.repeat(10_000_000) } }],
    [
      'a deep tree',
      {
        body: Array.from({ length: 60 }).reduce<JsonValue>(
          (tree) => [tree, 'x'.repeat(500)],
          'end',
        ),
      },
    ],
    ['events', { events: Array.from({ length: 5000 }, () => ({ name: 'tick', time: 't' })) }],
    [
      'everything',
      {
        attributes: attributesOf(300, 300),
        events: [{ name: 'e', attributes: attributesOf(100, 100) }],
        links: [{ attributes: attributesOf(100, 100) }],
        resource: attributesOf(300, 300),
        scope: { name: 's'.repeat(5000) },
        trace_state: 't'.repeat(5000),
        body: { list: Array.from({ length: 4000 }, () => 1) },
      },
    ],
  ])('survives %s', (_, bulk) => {
    expect(clamp({ ...identity, ...bulk })).toMatchObject(identity);
  });

  it('survives a huge name and a huge status, which are cut', () => {
    const result = clamp({
      ...identity,
      name: 'n'.repeat(1e6),
      status: { code: 'error', message: 'm'.repeat(1e6) },
    });
    expect(result).toMatchObject({
      name: expect.stringMatching(/^n{1000,}… \[\+\d+ characters\]$/),
      trace_id: identity.trace_id,
      status: { code: 'error' },
    });
  });
});

describe('direct payloads', () => {
  it('keep their small members', () => {
    expect(
      clamp({ user_id: 'usr_1', rows: Array.from({ length: 19_000 }, (_, i) => i) }),
    ).toMatchObject({ user_id: 'usr_1' });
  });

  it.each<[string, JsonValue]>([
    ['a text', 'x'.repeat(50_000)],
    ['a text of many escapes', '\u0000"\\'.repeat(50_000)],
  ])('that are %s move under value', (_, payload) => {
    const result = clamp(payload);
    expect(Object.keys(result)).toEqual(['truncated', 'value']);
    expect(result['value']).toEqual(expect.stringMatching(/… \[\+\d+ characters\]$/));
    expect((result['value'] as string).length).toBeGreaterThan(1500);
  });

  it('that are an array move under value, without their end', () => {
    const { truncated, value } = clamp(Array.from({ length: 19_000 }, (_, index) => index));
    expect(truncated).toBeDefined();
    expect((value as readonly number[]).slice(0, 2)).toEqual([0, 1]);
    expect((value as readonly number[]).length).toBeGreaterThan(2_000);
  });

  it('with a key truncated of their own do not hide the marker', () => {
    const result = clamp({ truncated: 'mine', big: 'x'.repeat(20_000) });
    expect(result['value']).toMatchObject({ truncated: 'mine' });
  });

  it('with absurd keys lose them', () => {
    expect(clamp({ ['k'.repeat(50_000)]: 1, ok: 2 })).toMatchObject({ ok: 2 });
  });

  it('keep __proto__ as an ordinary key', () => {
    const payload = JSON.parse(`{"__proto__":{"a":1},"big":"${'x'.repeat(20_000)}"}`) as JsonObject;
    const text = clampPayload(payload, { sha256Hex, maxBytes: MAX });
    expect(text).toContain('"__proto__":{"a":1}');
  });
});
