import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJsonValue } from '../../src/record/values.ts';
import { timestampText } from '../../src/record/fields.ts';

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
  key: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', 'toJSON'),
  ),
});

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  if (Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const key of Object.keys(value)) deepFreeze(Reflect.get(value, key));
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'string') return !/\p{Surrogate}/u.test(value);
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.every(isJson);
  return Object.entries(value).every(([key, member]) => isJson(key) && isJson(member));
}

describe('toJsonValue', () => {
  it('gives JSON for any value, the same each time, and leaves the value alone', () => {
    fc.assert(
      fc.property(anything, (value) => {
        deepFreeze(value);
        const copy = toJsonValue(value);
        expect(isJson(copy)).toBe(true);
        expect(toJsonValue(value)).toEqual(copy);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back what is JSON already', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.stringify(toJsonValue(plain))).toBe(JSON.stringify(plain));
      }),
    );
  });

  it('survives any Proxy whose traps throw at random', () => {
    const traps = ['get', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'has'] as const;
    fc.assert(
      fc.property(fc.subarray([...traps]), fc.object(), (throwing, target) => {
        const fail = (): never => {
          throw new Error('trap');
        };
        const handler = Object.fromEntries(throwing.map((trap) => [trap, fail]));
        expect(isJson(toJsonValue({ inside: new Proxy(target, handler), beside: 1 }))).toBe(true);
      }),
    );
  });
});

describe('timestampText', () => {
  it('agrees with ECMAScript on every moment that a Date can hold', () => {
    const seconds = fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (second, nanos) => {
        const expected = new Date(second * 1000).toISOString().replace('.000Z', '');
        expect(timestampText([second, nanos])).toBe(
          `${expected}.${String(nanos).padStart(9, '0')}Z`,
        );
      }),
      { numRuns: 2000 },
    );
  });
});
