import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJsonValue } from '../../src/record/values.ts';
import { createSpanMapper } from '../../src/record/from-span.ts';
import type { JsonValue } from '../../src/record/json.ts';
import { canonicalJson } from '../../src/wire/canonical-json.ts';
import { clampPayload } from '../../src/wire/clamp.ts';
import { cutJson } from '../../src/wire/bytes.ts';
import { aContext, aSpan } from '../support/otel-records.ts';

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const text = fc.string({ unit: 'binary' });
const longText = fc
  .tuple(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
    fc.integer({ min: 1, max: 3000 }),
  )
  .map(([unit, times]) => unit.repeat(times));

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withTypedArray: true,
  withSparseArray: true,
});
const tree = fc.anything({
  values: [longText, text, fc.double(), fc.boolean(), fc.constant(null)],
  key: fc.oneof(
    text,
    longText,
    fc.constantFrom('stack', 'truncated', 'exception.stacktrace', '__proto__'),
  ),
  maxDepth: 4,
});

function deepFreeze(value: JsonValue): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
}

/** What is wrong with the text for a payload; nothing when all that is promised holds. */
function faults(payload: JsonValue, maxBytes: number): string[] {
  deepFreeze(payload);
  const full = canonicalJson(payload);
  const written = clampPayload(payload, { sha256Hex, maxBytes });
  const parsed: unknown = JSON.parse(written);
  const marker = { bytes: Buffer.byteLength(full), digest: sha256Hex(full) };
  const isMarked = JSON.stringify(Object(parsed)['truncated']) === JSON.stringify(marker);
  const checks: [string, boolean][] = [
    ['too long', Buffer.byteLength(written) > maxBytes],
    ['not canonical', written !== canonicalize(parsed)],
    ['not well-formed', Buffer.from(written).toString() !== written],
    ['not the same twice', clampPayload(payload, { sha256Hex, maxBytes }) !== written],
    ['wrongly marked', Buffer.byteLength(full) > maxBytes ? !isMarked : written !== full],
  ];
  return checks.filter(([, isFault]) => isFault).map(([name]) => name);
}

describe('canonicalJson', () => {
  it('writes what an independent implementation of RFC 8785 writes', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const json = toJsonValue(value);
        expect(canonicalJson(json)).toBe(canonicalize(json));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('clampPayload', () => {
  it.each([512, 2000, 12_000])('keeps any tree within %d bytes as valid JSON', (maxBytes) => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(faults(toJsonValue(value), maxBytes)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps any span within the limit and its identity with it', () => {
    const mapper = createSpanMapper(aContext(), () => 'key');
    const attributes = fc.dictionary(text, tree, { maxKeys: 10 });
    fc.assert(
      fc.property(attributes, attributes, fc.string({ maxLength: 40 }), (own, inner, name) => {
        const events = [{ name: 'exception', time: [0, 0] as const, attributes: inner }];
        const links = [{ context: { traceId: 'x', spanId: 'y' }, attributes: inner }];
        const span = aSpan({
          attributes: own,
          events,
          links,
          name,
          resource: { attributes: inner },
        });
        const { payload } = mapper(span);
        expect(faults(payload, 12_000)).toEqual([]);
        const written: unknown = JSON.parse(clampPayload(payload, { sha256Hex, maxBytes: 12_000 }));
        const identity = Object.entries(payload as object).filter(([key]) =>
          [
            'signal',
            'name',
            'kind',
            'trace_id',
            'span_id',
            'start_time',
            'end_time',
            'status',
          ].includes(key),
        );
        expect(identity).toHaveLength(8);
        expect(written).toMatchObject(Object.fromEntries(identity));
      }),
      { numRuns: 60 },
    );
  });

  it('terminates on trees of 20,000 values and texts of 10 MB', () => {
    const wide = Array.from({ length: 20_000 }, (_, index) => ({ [`k${String(index)}`]: index }));
    const payload = { signal: 'log', body: wide, attributes: { huge: 'é\n'.repeat(3_500_000) } };
    expect(faults(payload, 12_000)).toEqual([]);
  });
});

describe('cutJson', () => {
  it('takes the longest beginning that fits and splits no character', () => {
    const wellFormed = fc.string({ unit: 'grapheme' });
    const bytesOf = (value: string): number => Buffer.byteLength(JSON.stringify(value)) - 2;
    fc.assert(
      fc.property(wellFormed, fc.nat(60), (value, limit) => {
        const cut = cutJson(value, limit);
        expect(value.startsWith(cut)).toBe(true);
        expect(bytesOf(cut)).toBeLessThanOrEqual(limit);
        const next = value.codePointAt(cut.length);
        const oneMore = next === undefined ? '' : cut + String.fromCodePoint(next);
        expect(oneMore === '' || bytesOf(oneMore) > limit).toBe(true);
      }),
    );
  });
});
