import { describe, expect, it } from 'vitest';
import {
  httpClientAddress,
  httpFields,
  httpPath,
  parseSpanId,
  parseTraceId,
  parseTraceIds,
} from '../../../src/record/fields.ts';
import { wellFormed } from '../../../src/record/json.ts';

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
