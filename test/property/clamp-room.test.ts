import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import { isJsonArray, isJsonObject } from '../../src/record/json.ts';
import { canonicalJson } from '../../src/wire/canonical-json.ts';
import { clampPayload } from '../../src/wire/clamp.ts';

const MAX = 12_000;
const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const sizeOf = (value: JsonValue): number => Buffer.byteLength(canonicalJson(value));

/** What is left when the members are gone whose key alone is longer than a whole event. */
function withoutImpossible(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(withoutImpossible);
  if (!isJsonObject(value)) return value;
  const possible = Object.entries(value).filter(([key]) => sizeOf(key) < MAX);
  return Object.fromEntries(possible.map(([key, member]) => [key, withoutImpossible(member)]));
}

const UNITS = ['a', 'word ', '"', '\\', '\n', 'é', '漢', '😀', '\u0000', '{"a":1}'] as const;
const repeated = (max: number): fc.Arbitrary<string> =>
  fc
    .record({ unit: fc.constantFrom(...UNITS), times: fc.integer({ min: 0, max }) })
    .map(({ unit, times }) => unit.repeat(times));
const stack = fc
  .record({ frames: fc.integer({ min: 1, max: 150 }), width: fc.integer({ min: 1, max: 6_000 }) })
  .map(({ frames, width }) => {
    const lines = Array.from(
      { length: frames },
      (_, at) => `    at f${at} (/srv/${'x'.repeat(width % 97)}.js:1:2)`,
    );
    return ['Error: no', 'm'.repeat(width), ...lines].join('\n');
  });

const key = fc.oneof(
  { weight: 12, arbitrary: fc.string({ minLength: 1, maxLength: 30 }) },
  { weight: 2, arbitrary: fc.constantFrom('stack', 'exception.stacktrace', 'message') },
  { weight: 2, arbitrary: fc.integer({ min: 100, max: 500 }).map((length) => 'k'.repeat(length)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: MAX, max: 16_000 }).map((length) => 'K'.repeat(length)),
  },
);

const { value } = fc.letrec<{ value: JsonValue; object: JsonObject; list: JsonValue[] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    repeated(20),
    repeated(400),
    repeated(13_000),
    stack,
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((number) => (number === 0 ? 0 : number)),
    fc.constantFrom(true, null),
    tie('object'),
    tie('list'),
    fc.array(fc.integer(), { maxLength: 4_000 }),
  ),
  object: fc.dictionary(key, tie('value'), { maxKeys: 12 }),
  list: fc.array(tie('value'), { maxLength: 12 }),
}));
const object = fc.dictionary(key, value, { maxKeys: 14 });

const NAMED = { name: 'GET /a', start_time: '2026-11-23T15:00:00.000000001Z', kind: 'server' };
const span = fc
  .record({
    attributes: object,
    resource: object,
    message: repeated(6_000),
    events: fc.array(
      fc.record({ name: fc.constantFrom('exception', 'retry'), attributes: object }),
      { maxLength: 4 },
    ),
    links: fc.array(fc.record({ span_id: fc.constant('a'.repeat(16)), attributes: object }), {
      maxLength: 4,
    }),
  })
  .map(({ message, ...rest }): JsonObject => ({
    ...NAMED,
    ...rest,
    signal: 'span',
    status: { code: 'error', message },
  }));
const log = fc
  .record({ attributes: object, resource: object, body: value })
  .map((rest): JsonObject => ({ ...NAMED, ...rest, signal: 'log' }));
const payload: fc.Arbitrary<JsonValue> = fc.oneof(span, log, object, value);

describe('a payload that is too long', () => {
  it('keeps at least 90 % of what could stay without what can never fit', () => {
    fc.assert(
      fc.property(payload, (given) => {
        const kept = Buffer.byteLength(clampPayload(given, { sha256Hex, maxBytes: MAX }));
        const possible = Math.min(MAX, sizeOf(withoutImpossible(given)));
        expect(kept).toBeLessThanOrEqual(MAX);
        expect(kept).toBeGreaterThanOrEqual(0.9 * possible);
      }),
      { numRuns: 600 },
    );
  });

  it.each<[string, JsonValue]>([
    ['a short text beside one key', { note: 'n'.repeat(300), ['K'.repeat(12_000)]: 1 }],
    [
      'a body beside a key of the attributes',
      { signal: 'log', body: 'b'.repeat(11_000), attributes: { ['K'.repeat(13_000)]: 'x' } },
    ],
    [
      'a resource beside two keys',
      {
        signal: 'span',
        resource: { r: 'r'.repeat(5_000) },
        attributes: { ['K'.repeat(12_500)]: 1, a: 'a'.repeat(4_000) },
        events: [{ name: 'e', attributes: { ['L'.repeat(14_000)]: 1 } }],
      },
    ],
    [
      'a stack beside a key in it',
      { error: { stack: 'at f\n'.repeat(1_500), ['K'.repeat(20_000)]: {} } },
    ],
  ])('gives the room of what can never fit back: %s', (_, given) => {
    const kept = JSON.parse(clampPayload(given, { sha256Hex, maxBytes: MAX })) as JsonObject;
    const { truncated, ...rest } = kept;
    expect(truncated).toBeDefined();
    expect(rest).toEqual(withoutImpossible(given));
  });

  it('gives the room of what did not fit back to what was cut for it', () => {
    const given = { note: 'n'.repeat(3_000), ['A'.repeat(7_000)]: 1, ['B'.repeat(7_001)]: 2 };
    const { note } = JSON.parse(clampPayload(given, { sha256Hex, maxBytes: MAX })) as JsonObject;
    expect(note).toBe(given.note);
  });
});
