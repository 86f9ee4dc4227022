import axios from 'axios';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
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

class Account {
  readonly id = 7;
  readonly #pin = 1234;
  get pin(): number {
    return this.#pin;
  }
}

class Vault {
  readonly #pin = 1234;
  get pin(): number {
    return this.#pin;
  }
}

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
    ['a URL', new URL('https://example.com/a?b=c#d'), 'https://example.com/a?b=c#d'],
    [
      'a query',
      new URLSearchParams([
        ['a', '1'],
        ['a', 'x y'],
      ]),
      'a=1&a=x+y',
    ],
    ['a pattern', /a\/b[/]"/giu, '/a\\/b[/]"/giu'],
    ['a pattern of another realm', runInNewContext('/x/m'), '/x/m'],
    ['an empty query', new URLSearchParams(), ''],
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

  it('copies Headers and FormData by their names', () => {
    const headers = new Headers({ 'X-Tenant': 'one', Accept: 'text/plain' });
    headers.append('set-cookie', 'a=1');
    headers.append('set-cookie', 'b=2');
    expect(toJsonValue(headers)).toEqual({
      'x-tenant': 'one',
      accept: 'text/plain',
      'set-cookie': ['a=1', 'b=2'],
    });
    const form = new FormData();
    form.append('name', 'Ana');
    form.append('tag', 'x');
    form.append('tag', 'y');
    form.append('file', new Blob(['content']), 'a.txt');
    form.append('__proto__', 'own');
    expect(toJsonValue({ form })).toEqual({
      form: JSON.parse('{"name":"Ana","tag":["x","y"],"file":"[File]","__proto__":"own"}'),
    });
  });

  it('copies a Map and a Set of another realm', () => {
    expect(toJsonValue(runInNewContext('new Map([["a", new Set([1])]])'))).toEqual({ a: [1] });
  });

  it('copies a class instance as its own enumerable properties', () => {
    expect(toJsonValue(new Account())).toEqual({ id: 7 });
  });

  it.each([
    ['a class without fields', new Vault(), '[Vault]'],
    ['a promise', Promise.resolve(1), '[Promise]'],
    ['a weak map', new WeakMap(), '[WeakMap]'],
    ['an iterator', [1].values(), '[Array Iterator]'],
    ['a Blob', new Blob(['secret']), '[Blob]'],
    ['an AbortSignal', AbortSignal.abort(), '[AbortSignal]'],
    ['fields that are private', new Account(), { id: 7 }],
  ])('marks what shows nothing: %s', (_, value, copy) => {
    expect(toJsonValue(value)).toEqual(copy);
    expect(toJsonValue({ in: [value] })).toEqual({ in: [copy] });
  });

  it.each([
    'Date',
    'Map',
    'Set',
    'Number',
    'ArrayBuffer',
    'RegExp',
    'URL',
    'URLSearchParams',
    'Headers',
    'FormData',
  ])('takes an object that only claims to be a %s as an ordinary one', (tag) => {
    expect(
      toJsonValue(Object.assign(Object.create({}) as object, { [Symbol.toStringTag]: tag, a: 1 })),
    ).toEqual({ a: 1 });
  });

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

describe('errors', () => {
  const stack: unknown = expect.any(String);

  it('keep type, message, stack, code, cause and their own fields', () => {
    const cause = Object.assign(new Error('root'), { errno: -111, syscall: 'connect' });
    const error = Object.assign(new TypeError('broken', { cause }), {
      code: 'E_BROKEN',
      details: { order: 7 },
      path: ['a', 0],
      name: 'OwnName',
      none: undefined,
    });
    expect(toJsonValue(error)).toEqual({
      type: 'OwnName',
      message: 'broken',
      stack: error.stack,
      code: 'E_BROKEN',
      cause: { type: 'Error', message: 'root', stack, errno: -111, syscall: 'connect' },
      details: { order: 7 },
      path: ['a', 0],
    });
  });

  it('keep what a class of errors adds', () => {
    class PaymentError extends Error {
      override readonly name = 'PaymentError';
      readonly code = 402;
      readonly declined = new Date(0);
    }
    expect(toJsonValue(new PaymentError('declined'))).toMatchObject({
      type: 'PaymentError',
      code: 402,
      declined: '1970-01-01T00:00:00.000Z',
    });
    expect(toJsonValue(new DOMException('gone', 'AbortError'))).toMatchObject({
      type: 'AbortError',
      message: 'gone',
      code: 20,
    });
  });

  it('keep their members, of which there may be many', async () => {
    const failed = await Promise.any([
      Promise.reject(Object.assign(new Error('one'), { code: 'ECONNREFUSED' })),
      Promise.reject(new RangeError('two')),
      Promise.reject(new Error('three', { cause: 'a text' })),
    ]).catch((error: unknown) => error);
    expect(toJsonValue(failed)).toEqual({
      type: 'AggregateError',
      message: 'All promises were rejected',
      stack,
      errors: [
        { type: 'Error', message: 'one', stack, code: 'ECONNREFUSED' },
        { type: 'RangeError', message: 'two', stack },
        { type: 'Error', message: 'three', stack, cause: 'a text' },
      ],
    });
    const many = new AggregateError(Array.from({ length: 1000 }, () => 'x'));
    expect(toJsonValue(many)).toMatchObject({
      errors: [...Array.from({ length: 32 }, () => 'x'), '[+968 errors]'],
    });
  });

  it('do not carry along the sockets and requests that hang on them', async () => {
    const server = createServer((_, response) => response.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const auth = { authorization: 'Bearer hidden-token' };
    const failed = await axios
      .get(`http://127.0.0.1:${port}/orders`, { headers: auth })
      .catch((error: unknown) => error);
    const copy = toJsonValue(failed);
    expect(copy).toMatchObject({ code: 'ECONNRESET', request: expect.stringMatching(/^\[\w+\]$/) });
    expect(JSON.stringify(copy)).not.toContain('_header');
    const wide = Object.assign(new Error('wide'), { list: Array.from({ length: 9_999 }, () => 1) });
    expect(JSON.stringify(toJsonValue([wide, 'after']))).toMatch(/"\[MaxSize\]"\]\},"after"\]$/);
  });

  it('cost themselves at most, whatever their properties do', () => {
    const hostile = Object.defineProperties(new Error('m'), {
      code: {
        get: () => {
          throw new Error('no');
        },
      },
      errors: {
        value: new Proxy([], {
          get: () => {
            throw new Error('no');
          },
        }),
      },
      stack: { value: 1 },
    });
    expect(toJsonValue([hostile, 'after'])).toEqual([
      {
        type: 'Error',
        message: 'm',
        stack: 1,
        code: '[Unreadable]',
        errors: '[Unreadable]',
      },
      'after',
    ]);
    const circular: Error & { self?: unknown } = new Error('m');
    circular.self = circular;
    expect(toJsonValue(circular)).toMatchObject({ message: 'm', self: '[Circular]' });
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
