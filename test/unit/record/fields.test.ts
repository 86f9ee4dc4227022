import { describe, expect, it } from 'vitest';
import {
  durationMs,
  httpClientAddress,
  httpFields,
  httpPath,
  parseSpanId,
  parseTraceId,
  parseTraceIds,
  timestampOfMs,
  timestampText,
} from '../../../src/record/fields.ts';
import { wellFormed } from '../../../src/record/json.ts';

describe('timestampText', () => {
  it.each([
    [[0, 0], '1970-01-01T00:00:00.000000000Z'],
    [[1_795_446_000, 1], '2026-11-23T15:00:00.000000001Z'],
    [[951_782_400, 999_999_999], '2000-02-29T00:00:00.999999999Z'],
    [[4_107_542_399, 0], '2100-02-28T23:59:59.000000000Z'],
    [[4_107_542_400, 0], '2100-03-01T00:00:00.000000000Z'],
    [[-1, 500_000_000], '1969-12-31T23:59:59.500000000Z'],
    [[253_402_300_799, 0], '9999-12-31T23:59:59.000000000Z'],
    [[253_402_300_800, 0], '+010000-01-01T00:00:00.000000000Z'],
    [[-62_167_219_201, 0], '-000001-12-31T23:59:59.000000000Z'],
  ])('writes %j as %s', (time, text) => {
    expect(timestampText(time)).toBe(text);
  });

  it('keeps the nanoseconds that a number of nanoseconds since the epoch would lose', () => {
    expect(timestampText([1_795_446_000, 123_456_789])).toBe('2026-11-23T15:00:00.123456789Z');
  });

  it.each([
    [[Number.NaN, Number.NaN]],
    [[1.5, 0]],
    [[0, -1]],
    [[0, 1_000_000_000]],
    [[0, 0.5]],
    [[Number.POSITIVE_INFINITY, 0]],
    [[9e12, 0]],
    [[1]],
    [['1', 0]],
    [undefined],
    [null],
    [17],
  ])('refuses %j', (time) => {
    expect(timestampText(time)).toBeUndefined();
  });
});

describe('timestampOfMs', () => {
  it('writes milliseconds since the epoch', () => {
    expect(timestampOfMs(1_795_446_000_123)).toBe('2026-11-23T15:00:00.123000000Z');
  });

  it('gives the epoch for what is no time', () => {
    expect(timestampOfMs(Number.NaN)).toBe('1970-01-01T00:00:00.000000000Z');
    expect(timestampOfMs(1e300)).toBe('1970-01-01T00:00:00.000000000Z');
  });
});

describe('durationMs', () => {
  it.each([
    [[0, 12_345_678], 12.345678],
    [[1, 345_678], 1000.345678],
    [[86_400, 1], 86_400_000.000001],
    [[0, 0], 0],
    [[20_000_000_000, 7], 20_000_000_000_000],
  ])('gives %j as %d', (duration, ms) => {
    expect(durationMs(duration)).toBe(ms);
  });

  it.each([[[-1, 0]], [[0, Number.NaN]], [undefined]])('refuses %j', (duration) => {
    expect(durationMs(duration)).toBeUndefined();
  });
});

describe('httpFields', () => {
  it.each([
    [
      'stable',
      { 'http.request.method': 'GET', 'http.response.status_code': 200, 'http.route': '/a/:b' },
    ],
    ['old', { 'http.method': 'get', 'http.status_code': '200', 'http.route': '/a/:b' }],
  ])('reads %s names', (_, attributes) => {
    expect(httpFields(attributes)).toEqual({ method: 'GET', status: 200, route: '/a/:b' });
  });

  it('prefers the stable names', () => {
    expect(httpFields({ 'http.request.method': 'PUT', 'http.method': 'GET' }).method).toBe('PUT');
  });

  it.each([99, 600, 200.5, '20', '2000', 'abc', null, true])('takes %j for no status', (status) => {
    expect(httpFields({ 'http.status_code': status }).status).toBeUndefined();
  });

  it('reads no route without a request', () => {
    expect(httpFields({ 'http.route': '/a' }).route).toBeUndefined();
  });
});

describe('httpPath', () => {
  it.each([
    [{ 'url.path': '/a', 'http.target': '/b' }, '/a'],
    [{ 'http.target': '/a?q=1' }, '/a'],
    [{ 'url.full': 'https://h/a/b?q=1#f' }, '/a/b'],
    [{ 'http.url': 'https://h?q=1' }, '/'],
    [{ 'http.url': 'https://h' }, '/'],
    [{ 'http.url': '/only/a/path' }, undefined],
    [{ 'url.path': 5 }, undefined],
    [{}, undefined],
  ])('of %j is %s', (attributes, path) => {
    expect(httpPath(attributes)).toBe(path);
  });
});

describe('httpClientAddress', () => {
  it('takes the most trusted name that is there', () => {
    expect(
      httpClientAddress({ 'net.peer.ip': 'c', 'http.client_ip': 'b', 'client.address': 'a' }),
    ).toBe('a');
    expect(httpClientAddress({ 'net.peer.ip': 'c', 'http.client_ip': 'b' })).toBe('b');
    expect(httpClientAddress({ 'net.peer.ip': 'c' })).toBe('c');
    expect(httpClientAddress({ 'server.address': 'd' })).toBeUndefined();
  });
});

describe('trace ids', () => {
  it('reads ids in lower case', () => {
    expect(parseTraceId('4BF92F3577B34DA6A3CE929D0E0E4736')).toBe(
      '4bf92f3577b34da6a3ce929d0e0e4736',
    );
    expect(parseSpanId('00F067AA0BA902B7')).toBe('00f067aa0ba902b7');
  });

  it.each([
    '0'.repeat(32),
    `${'a'.repeat(31)}g`,
    // A letter whose lower case is ASCII.
    `${'a'.repeat(31)}\u212a`,
    'a'.repeat(31),
    undefined,
    5,
  ])('refuses %j', (id) => {
    expect(parseTraceId(id)).toBeUndefined();
  });

  it('reads no ids where there is no context', () => {
    expect(parseTraceIds(undefined)).toEqual({ traceId: undefined, spanId: undefined });
    expect(parseTraceIds(null)).toEqual({ traceId: undefined, spanId: undefined });
  });
});

describe('texts', () => {
  it('replaces lone surrogates alone', () => {
    expect(wellFormed('a\udc00😀\ud800')).toBe('a\ufffd😀\ufffd');
  });
});
