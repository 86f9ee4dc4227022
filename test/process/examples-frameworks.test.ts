import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../src/emulator/index.ts';
import type { Traffic } from './framework-server.ts';
import { BODY, trafficOf } from './framework-server.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface SpanPayload {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly duration_ms: number;
  readonly events?: readonly { readonly name: string; readonly attributes: object }[];
}

const payloadOf = (entry: LedgerEntry | undefined): SpanPayload =>
  JSON.parse(entry?.payload ?? 'null') as SpanPayload;

describe.each(['node-http', 'express', 'fastify', 'nestjs'])('the example %s', (example) => {
  let traffic: Traffic;
  let tookMs: number;

  const withMeta = (meta: Readonly<Record<string, string>>): readonly LedgerEntry[] =>
    traffic.events.filter((event) =>
      Object.entries(meta).every(([key, value]) => event.meta[key] === value),
    );

  /** Those of the words that went to the ledger. */
  const sentOf = (...words: readonly string[]): readonly string[] =>
    words.filter((word) => traffic.sent.includes(word));

  beforeAll(async () => {
    const startedAt = performance.now();
    traffic = await trafficOf(example);
    tookMs = performance.now() - startedAt;
  });

  it('serves its routes and ends by itself when asked to', () => {
    expect(traffic.statuses).toEqual([
      ['/health', 200],
      ['/internal/queue', 200],
      ['/orders/7?token=hush', 200],
      ['/orders/0', 404],
      ['/report', 500],
      ['/nowhere/ana', 404],
      ['/orders', 201],
    ]);
    expect({ exit: traffic.exit, err: traffic.err }).toEqual({ exit: 0, err: '' });
    expect(traffic.violations).toEqual([]);
  });

  it('leaves one event for each request but those to skipped paths', () => {
    expect(traffic.events.map(({ eventName, type }) => [eventName, type])).toEqual([
      ['GET /orders/:id', 'success'],
      ['GET /orders/:id', 'error'],
      ['GET /report', 'error'],
      ['GET', 'error'],
      ['order.placed', 'success'],
    ]);
    const paths = traffic.events.map((event) => payloadOf(event).attributes['url.path']);
    expect(paths).toEqual(['/orders/7', '/orders/0', '/report', '/nowhere/ana', '/orders']);
  });

  it('tells method, route template, status and latency', () => {
    const [found] = withMeta({ http_status: '200' });
    expect(found?.meta).toMatchObject({
      service: 'orders',
      http_method: 'GET',
      http_route: '/orders/:id',
      http_status: '200',
    });
    expect(payloadOf(found).duration_ms).toBeGreaterThan(0);
    expect(payloadOf(found).duration_ms).toBeLessThan(tookMs);
  });

  it('tells the request by its trace id, and the id that a proxy gave', () => {
    const [found] = withMeta({ http_status: '200' });
    expect(found?.meta['request_id']).toMatch(/^[0-9a-f]{32}$/);
    expect(found?.meta['trace_id']).toBe(found?.meta['request_id']);
    expect(payloadOf(found).attributes['http.request.header.x-request-id']).toEqual(['rq-42']);
  });

  it('tells client address and user agent as hashes alone', () => {
    const [found] = withMeta({ http_status: '200' });
    expect(payloadOf(found).attributes).toMatchObject({
      'client.address_hash': sha256('203.0.113.9'),
      'network.peer.address_hash': sha256('127.0.0.1'),
      'user_agent.original_hash': sha256('probe/1.0'),
    });
    expect(sentOf('203.0.113.9', 'probe/1.0')).toEqual([]);
  });

  it('tells the error of a handler that throws, without the address in its message', () => {
    const [failed] = withMeta({ http_route: '/report' });
    expect(failed?.meta).toMatchObject({
      type: 'error',
      http_status: '500',
      error_type: 'TypeError',
      error_message: `no report for [email sha256:${sha256('ana@example.com').slice(0, 32)}]`,
    });
    expect(payloadOf(failed).events?.map(({ name }) => name)).toEqual(['exception']);
  });

  it('has the name and the trail that the handler chose', () => {
    const [placed] = withMeta({ event_name: 'order.placed' });
    expect(placed?.meta).toMatchObject({ http_route: '/orders', immutable_trail: 'order-1001' });
    expect(sentOf('immutablelog.')).toEqual([]);
  });

  it('has the SHA-256 of the body, and never the body', () => {
    const digests = traffic.events.map(
      (event) => payloadOf(event).attributes['http.request.body.sha256'],
    );
    expect(digests).toEqual([undefined, undefined, undefined, undefined, sha256(BODY)]);
    expect(sentOf('c-1', '@example.com', 'hush')).toEqual([]);
  });
});
