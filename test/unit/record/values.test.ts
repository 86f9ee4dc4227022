import { describe, expect, it } from 'vitest';
import { runInNewContext } from 'node:vm';
import { ValueCopier, toJsonValue } from '../../../src/record/values.ts';

const copyAttributes = (given: unknown): unknown => new ValueCopier().attributes(given);

const LONE = '\ud800';

function nested(depth: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level += 1) value = { in: value };
  return value;
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

describe('scalars', () => {
  it.each([
    ['an empty text', '', ''],
    ['a text', 'abc', 'abc'],
    ['zero', 0, 0],
    ['negative zero as zero', -0, 0],
    ['NaN as a word', Number.NaN, 'NaN'],
    ['infinity as a word', Number.POSITIVE_INFINITY, 'Infinity'],
    ['negative infinity as a word', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['false', false, false],
    ['null', null, null],
    ['undefined as null', undefined, null],
    ['a BigInt as decimal text', 2n ** 70n, '1180591620717411303424'],
    ['a negative BigInt', -5n, '-5'],
    ['a BigInt of absurd size as a marker', 1n << 5000n, '[MaxSize]'],
    ['a function as a marker', () => 1, '[Function]'],
    ['a symbol as a marker', Symbol('secret'), '[Symbol]'],
    ['a lone surrogate as U+FFFD', `a${LONE}b`, 'a\ufffdb'],
    ['a pair of surrogates as it is', '😀', '😀'],
  ])('copies %s', (_, value, copy) => {
    const result = toJsonValue(value);
    expect(result).toBe(copy);
    expect(Object.is(result, -0)).toBe(false);
  });
});

describe('objects of the language', () => {
  it.each([
    ['a Date', new Date(Date.UTC(2026, 10, 23)), '2026-11-23T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), 'Invalid Date'],
    ['a Date of another realm', runInNewContext('new Date(0)'), '1970-01-01T00:00:00.000Z'],
    ['a Buffer', Buffer.from('hi'), 'aGk='],
    ['a Uint8Array on part of a buffer', new Uint8Array([9, 104, 105]).subarray(1), 'aGk='],
    ['a typed array of wider numbers', new Uint16Array([0x6968]), 'aGk='],
    ['a DataView', new DataView(new Uint8Array([104, 105]).buffer), 'aGk='],
    ['an ArrayBuffer', new Uint8Array([104, 105]).buffer, 'aGk='],
    ['a SharedArrayBuffer', new SharedArrayBuffer(1), 'AA=='],
    ['no bytes at all', new Uint8Array(0), ''],
    ['a boxed number', Object(5), 5],
    ['a boxed text', Object('x'), 'x'],
    ['a boxed boolean', Object(false), false],
    ['a boxed BigInt', Object(7n), '7'],
    ['a boxed symbol', Object(Symbol('s')), '[Symbol]'],
  ])('copies %s', (_, value, copy) => {
    expect(toJsonValue(value)).toBe(copy);
  });

  it('copies a Map as an object and a Set as an array', () => {
    const map = new Map<unknown, unknown>([
      ['a', 1],
      [2, new Set(['x', undefined])],
      [{}, 'object key'],
      [Symbol('s'), 'symbol key'],
      ['gone', undefined],
    ]);
    expect(toJsonValue(map)).toEqual({
      a: 1,
      2: ['x', null],
      '[Object]': 'object key',
      'Symbol(s)': 'symbol key',
    });
  });

  it('copies a Map and a Set of another realm', () => {
    expect(toJsonValue(runInNewContext('new Map([["a", new Set([1])]])'))).toEqual({ a: [1] });
  });

  it('copies an Error with type, message, stack and cause, and nothing else', () => {
    const error = Object.assign(new TypeError('broken', { cause: new Error('root') }), {
      extra: 1,
    });
    expect(toJsonValue(error)).toEqual({
      type: 'TypeError',
      message: 'broken',
      stack: error.stack,
      cause: { type: 'Error', message: 'root', stack: expect.any(String) },
    });
  });

  it('copies a class instance as its own enumerable properties', () => {
    class Account {
      readonly id = 7;
      readonly #pin = 1234;
      get pin(): number {
        return this.#pin;
      }
    }
    expect(toJsonValue(new Account())).toEqual({ id: 7 });
  });

  it.each(['Date', 'Map', 'Set', 'Number', 'ArrayBuffer'])(
    'takes an object that only claims to be a %s as an ordinary one',
    (tag) => {
      expect(
        toJsonValue(
          Object.assign(Object.create({}) as object, { [Symbol.toStringTag]: tag, a: 1 }),
        ),
      ).toEqual({ a: 1 });
    },
  );

  it('calls no method of a view that hides its own buffer', () => {
    let calls = 0;
    const forged = new Uint8Array(2);
    const spy = { valueOf: () => (calls += 1) };
    Object.defineProperty(forged, 'buffer', { value: spy });
    Object.defineProperty(forged, 'byteOffset', { value: spy });
    expect(toJsonValue(forged)).toBe('[Unreadable]');
    expect(calls).toBe(0);
  });
});

describe('containers', () => {
  it('leaves undefined out of objects and keeps its place in arrays', () => {
    expect(toJsonValue({ a: undefined, b: null, c: [undefined, null, 1] })).toEqual({
      b: null,
      c: [null, null, 1],
    });
  });

  it('calls no toJSON', () => {
    const spy = { secret: 1, toJSON: () => 'raw' };
    expect(toJsonValue(spy)).toEqual({ secret: 1, toJSON: '[Function]' });
  });

  it('reads every property once', () => {
    const reads: string[] = [];
    const proxy = new Proxy<object>(
      { a: 1, b: [2] },
      {
        get(target, key): unknown {
          reads.push(String(key));
          return Reflect.get(target, key);
        },
      },
    );
    expect(toJsonValue(proxy)).toEqual({ a: 1, b: [2] });
    expect(reads).toEqual(['a', 'b']);
  });

  it('keeps __proto__, constructor and prototype as ordinary keys and pollutes nothing', () => {
    const hostile: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"prototype":2}',
    );
    const copy = toJsonValue(hostile);
    expect(JSON.stringify(copy)).toBe(JSON.stringify(hostile));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((copy as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((toJsonValue({}) as Record<string, unknown>)['constructor']).toBeUndefined();
  });

  it('replaces lone surrogates in keys', () => {
    expect(toJsonValue({ [`k${LONE}`]: 1 })).toEqual({ 'k\ufffd': 1 });
  });

  it('marks a cycle and leaves a value seen twice alone', () => {
    const shared = { x: 1 };
    const cyclic: Record<string, unknown> = { shared, again: shared, list: [] };
    cyclic['self'] = cyclic;
    (cyclic['list'] as unknown[]).push(cyclic['list']);
    expect(toJsonValue(cyclic)).toEqual({
      shared: { x: 1 },
      again: { x: 1 },
      list: ['[Circular]'],
      self: '[Circular]',
    });
  });

  it('keeps 64 levels and marks the next', () => {
    expect(JSON.stringify(toJsonValue(nested(64)))).toContain('bottom');
    expect(JSON.stringify(toJsonValue(nested(65)))).toContain('[MaxDepth]');
  });

  it('survives a nesting of 100,000 levels', () => {
    expect(JSON.stringify(toJsonValue(nested(100_000))).length).toBeLessThan(1000);
  });

  it('marks what cannot be read and keeps its neighbours', () => {
    const hostile = {
      before: 1,
      get broken(): never {
        throw new Error('secret in the text of an error');
      },
      trap: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
      revoked: revoked({}),
      revokedList: revoked([]),
      after: 2,
    };
    expect(toJsonValue(hostile)).toEqual({
      before: 1,
      broken: '[Unreadable]',
      trap: '[Unreadable]',
      revoked: '[Unreadable]',
      revokedList: '[Unreadable]',
      after: 2,
    });
  });

  it('does not trust the length that a Proxy gives for an array', () => {
    const lying = new Proxy([1], { get: (_, key) => (key === 'length' ? 'many' : 1) });
    expect(toJsonValue(lying)).toEqual([]);
  });
});

describe('size', () => {
  it.each([
    ['a sparse array of huge length', Array.from({ length: 0 })],
    [
      'an object of many keys',
      Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [i, i])),
    ],
    ['a Set of many values', new Set(Array.from({ length: 30_000 }, (_, i) => i))],
    ['a Map of many entries', new Map(Array.from({ length: 30_000 }, (_, i) => [i, i]))],
    ['a list of nulls', Array.from({ length: 30_000 }, () => null)],
  ])('stops at 20,000 values in %s', (name, value) => {
    if (Array.isArray(value) && name.includes('sparse')) value.length = 4_000_000_000;
    const text = JSON.stringify(toJsonValue(value));
    expect(text.match(/\[MaxSize\]/g)).toHaveLength(1);
    expect(text.length).toBeLessThan(300_000);
  });

  it('shares one budget between all values of a copier', () => {
    const copier = new ValueCopier();
    copier.value(Array.from({ length: 19_990 }, () => 1));
    expect(copier.value(Array.from({ length: 20 }, () => 1))).toContain('[MaxSize]');
  });
});

describe('attributes', () => {
  it('copies an attribute object', () => {
    expect(copyAttributes({ a: 'x', b: 1, c: true, d: ['y'] })).toEqual({
      a: 'x',
      b: 1,
      c: true,
      d: ['y'],
    });
  });

  it('gives an empty object for what is no attribute object', () => {
    const values = [undefined, null, 'text', 5, ['list'], revoked({})];
    expect(values.map(copyAttributes)).toEqual(values.map(() => ({})));
  });

  it('shares nothing with the input', () => {
    const input = { list: [1], map: { a: 1 } };
    const copy = copyAttributes(input);
    input.list.push(2);
    input.map.a = 2;
    expect(copy).toEqual({ list: [1], map: { a: 1 } });
  });
});
