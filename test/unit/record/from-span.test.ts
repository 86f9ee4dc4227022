import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/record/event.ts';
import { createSpanMapper } from '../../../src/record/from-span.ts';
import type { SpanLike, SpanLinkLike } from '../../../src/record/otel-types.ts';
import { PARENT_ID, SPAN_ID, TRACE_ID, aContext, aSpan } from '../../support/otel-records.ts';

const SERVER = 1;
const CLIENT = 2;
const EXPORT_TIME = '2027-01-15T08:00:00.123000000Z';

const map = (changes: Partial<SpanLike> = {}): AuditEvent =>
  createSpanMapper(aContext(), () => 'fallback-key')(aSpan(changes));

const exception = {
  name: 'exception',
  time: [1_795_446_000, 7] as [number, number],
  attributes: { 'exception.type': 'CardError', 'exception.message': 'declined' },
};

describe('the whole event', () => {
  it('maps a plain server span', () => {
    expect(map()).toEqual({
      signal: 'span',
      idempotencyKey: `${TRACE_ID}-${SPAN_ID}`,
      meta: {
        type: 'success',
        event_name: 'GET /users/:id',
        service: 'billing',
        env: 'production',
        environment: 'production',
        request_id: TRACE_ID,
        trace_id: TRACE_ID,
        log_level: 'info',
      },
      payload: {
        signal: 'span',
        name: 'GET /users/:id',
        kind: 'server',
        trace_id: TRACE_ID,
        span_id: SPAN_ID,
        start_time: '2026-11-23T15:00:00.000000001Z',
        end_time: '2026-11-23T15:00:00.012345679Z',
        duration_ms: 12.345678,
        status: { code: 'unset' },
        resource: { 'service.name': 'billing' },
        scope: { name: 'test-scope', version: '1.2.3' },
      },
    });
  });

  it('maps everything that a span can carry', () => {
    const traceState = { serialize: () => 'vendor=1' };
    const event = map({
      parentSpanContext: { traceId: TRACE_ID, spanId: PARENT_ID },
      spanContext: () => ({ traceId: TRACE_ID, spanId: SPAN_ID, traceState }),
      attributes: { plan: 'pro', empty: '', zero: 0, list: [] },
      status: { code: 2, message: 'it broke' },
      events: [
        { ...exception, droppedAttributesCount: 3 },
        { name: 'plain', time: [0, 0] },
      ],
      links: [
        {
          context: { traceId: TRACE_ID, spanId: PARENT_ID, traceState },
          attributes: { why: 'batch' },
          droppedAttributesCount: 2,
        },
      ],
      droppedAttributesCount: 1,
      droppedEventsCount: 2,
      droppedLinksCount: 0,
    });
    expect(event.payload).toMatchObject({
      parent_span_id: PARENT_ID,
      trace_state: 'vendor=1',
      attributes: { plan: 'pro', empty: '', zero: 0, list: [] },
      status: { code: 'error', message: 'it broke' },
      events: [
        {
          name: 'exception',
          time: '2026-11-23T15:00:00.000000007Z',
          attributes: exception.attributes,
          dropped: { attributes: 3 },
        },
        { name: 'plain', time: '1970-01-01T00:00:00.000000000Z' },
      ],
      links: [
        {
          trace_id: TRACE_ID,
          span_id: PARENT_ID,
          trace_state: 'vendor=1',
          attributes: { why: 'batch' },
          dropped: { attributes: 2 },
        },
      ],
      dropped: { attributes: 1, events: 2 },
    });
  });

  it('sets the keys of the payload in sorted order', () => {
    const { payload } = map({
      attributes: { a: 1 },
      events: [exception],
      links: [{ context: { traceId: TRACE_ID, spanId: PARENT_ID } }],
      droppedLinksCount: 1,
    });
    const keys = Object.keys(payload as object);
    expect(keys).toEqual(keys.toSorted());
  });

  it('changes nothing of the span', () => {
    const span = aSpan({ attributes: Object.freeze({ 'immutablelog.type': 'info', a: [1] }) });
    createSpanMapper(aContext(), () => 'k')(Object.freeze(span));
    expect(span.attributes).toEqual({ 'immutablelog.type': 'info', a: [1] });
  });
});

describe('type', () => {
  it.each([
    ['success when the status is unset', {}, 'success'],
    ['success when the status is ok', { status: { code: 1 } }, 'success'],
    ['error when the status is error', { status: { code: 2 } }, 'error'],
    ['error for 500 of a server', { attributes: { 'http.response.status_code': 500 } }, 'error'],
    ['error for 404 of a server', { attributes: { 'http.status_code': 404 } }, 'error'],
    [
      'success for 404 of a client',
      { kind: CLIENT, attributes: { 'http.status_code': 404 } },
      'success',
    ],
    ['info for 302 of a server', { attributes: { 'http.response.status_code': '302' } }, 'info'],
    ['info for 304 of a client', { kind: CLIENT, attributes: { 'http.status_code': 304 } }, 'info'],
    ['success for 204', { attributes: { 'http.response.status_code': 204 } }, 'success'],
    [
      'error for a redirect that failed',
      { status: { code: 2 }, attributes: { 'http.status_code': 302 } },
      'error',
    ],
    [
      'what the program says',
      { status: { code: 2 }, attributes: { 'immutablelog.type': 'warning' } },
      'warning',
    ],
    [
      'by rule when the program says nonsense',
      { attributes: { 'immutablelog.type': 'audit' } },
      'success',
    ],
  ])('is %s', (_, changes: Partial<SpanLike>, type) => {
    const { meta } = map({ kind: SERVER, ...changes });
    expect(meta['type']).toBe(type);
    expect(meta['log_level']).toBe(type === 'error' ? 'error' : 'info');
  });
});

describe('meta', () => {
  it('takes method, status and route from HTTP attributes', () => {
    const attributes = {
      'http.request.method': 'get',
      'http.response.status_code': 200,
      'http.route': '/users/:id',
      'url.path': '/users/42',
    };
    const { meta } = map({ attributes });
    expect(meta).toMatchObject({
      http_method: 'GET',
      http_status: '200',
      http_route: '/users/:id',
    });
    expect(JSON.stringify(meta)).not.toContain('/users/42');
  });

  it('takes the last exception for what went wrong', () => {
    const older = { ...exception, attributes: { 'exception.type': 'Old' } };
    expect(map({ events: [older, exception] }).meta).toMatchObject({
      error_type: 'CardError',
      error_message: 'declined',
    });
  });

  it('prefers error.type and falls back to the message of the status', () => {
    const { meta } = map({
      status: { code: 2, message: 'timed out' },
      attributes: { 'error.type': 'timeout', 'exception.type': 'Other' },
    });
    expect(meta).toMatchObject({ error_type: 'timeout', error_message: 'timed out' });
  });

  it('cuts no text: half an address would pass the redactor', () => {
    const message = `${'x'.repeat(10_000)}someone@example.com`;
    const { meta } = map({ name: message, status: { code: 2, message } });
    expect(meta).toMatchObject({ error_message: message, event_name: message });
  });

  it('obeys name and trail set by the program and takes them out of the payload', () => {
    const { meta, payload } = map({
      attributes: {
        'immutablelog.event_name': 'user.read',
        'immutablelog.trail': '  order:2026:1 ',
        'immutablelog.type': 'info',
      },
    });
    expect(meta).toMatchObject({ event_name: 'user.read', immutable_trail: 'order-2026-1' });
    expect(payload).not.toHaveProperty('attributes');
    expect(payload).toHaveProperty('name', 'GET /users/:id');
  });

  it('leaves out a trail of white space', () => {
    expect(map({ attributes: { 'immutablelog.trail': '   ' } }).meta).not.toHaveProperty(
      'immutable_trail',
    );
  });

  it('names a span without a name', () => {
    expect(map({ name: '' }).meta['event_name']).toBe('span');
  });

  it('sends a client address only when asked to', () => {
    const span = aSpan({ attributes: { 'client.address': '192.0.2.7' } });
    const mapped = (clientIp: 'off' | 'raw'): AuditEvent =>
      createSpanMapper(aContext({ clientIp }), () => 'k')(span);
    expect(mapped('off').meta).not.toHaveProperty('client_ip');
    expect(mapped('raw').meta).toHaveProperty('client_ip', '192.0.2.7');
  });
});

describe('damaged spans', () => {
  it.each([
    ['all zeros', { traceId: '0'.repeat(32), spanId: '0'.repeat(16) }],
    ['no hex', { traceId: 'z'.repeat(32), spanId: SPAN_ID }],
    ['too short', { traceId: TRACE_ID, spanId: 'abc' }],
    ['nothing', undefined],
  ])('takes the fallback key when the ids are %s', (_, context) => {
    // A context that no SDK makes and a wrong one may.
    const spanContext = (() => context) as unknown as SpanLike['spanContext'];
    const event = map({ spanContext });
    expect(event.idempotencyKey).toBe('fallback-key');
    expect(event.meta['request_id']).toMatch(/^(fallback-key|[0-9a-f]{32})$/);
  });

  it('marks invalid times and puts the time of export in their place', () => {
    expect(map({ startTime: [Number.NaN, 0], duration: [Number.NaN, 0] }).payload).toMatchObject({
      start_time: EXPORT_TIME,
      end_time: '2026-11-23T15:00:00.012345679Z',
      time_invalid: true,
    });
    expect(map({ endTime: [0, -1] }).payload).toMatchObject({
      end_time: EXPORT_TIME,
      time_invalid: true,
    });
    expect(map({ duration: [Number.NaN, 0] }).payload).not.toHaveProperty('duration_ms');
  });

  it('marks the invalid time of a span event at the event', () => {
    const { payload } = map({ events: [{ name: 'e', time: [Number.NaN, 0] }] });
    expect(payload).toMatchObject({ events: [{ time: EXPORT_TIME, time_invalid: true }] });
    expect(payload).not.toHaveProperty('time_invalid');
  });

  it('leaves out a trace state that throws', () => {
    const serialize = (): string => {
      throw new Error('no');
    };
    const spanContext = (): {
      traceId: string;
      spanId: string;
      traceState: { serialize: () => string };
    } => ({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      traceState: { serialize },
    });
    expect(map({ spanContext }).payload).not.toHaveProperty('trace_state');
  });

  it('survives hostile values everywhere inside', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap');
        },
      },
    );
    const { payload } = map({
      attributes: { a: hostile, b: 1 },
      events: [{ name: 'e', time: [0, 0], attributes: { c: hostile } }],
      links: [{ context: { traceId: 'x', spanId: 'y' }, attributes: { d: hostile } }],
    });
    expect(payload).toMatchObject({
      attributes: { a: '[Unreadable]', b: 1 },
      events: [{ attributes: { c: '[Unreadable]' } }],
      links: [{ attributes: { d: '[Unreadable]' } }],
    });
  });

  it('throws when the record itself cannot be read', () => {
    const span = Object.defineProperty(aSpan(), 'status', {
      get: () => {
        throw new Error('hostile');
      },
    });
    expect(() => createSpanMapper(aContext(), () => 'k')(span)).toThrow('hostile');
  });
});

describe('shared parts', () => {
  it('puts the same resource and scope objects into every payload', () => {
    const mapper = createSpanMapper(aContext(), () => 'k');
    const first = mapper(aSpan()).payload as Record<string, unknown>;
    const second = mapper(aSpan()).payload as Record<string, unknown>;
    expect(second['resource']).toBe(first['resource']);
    expect(second['scope']).toBe(first['scope']);
  });

  it('loses nothing but the resource when its attributes cannot be read', () => {
    const broken = {
      get attributes(): never {
        throw new Error('no');
      },
    };
    const event = map({ resource: broken });
    expect(event.payload).not.toHaveProperty('resource');
    expect(event.meta['service']).toBe('unknown_service');
  });
});

describe('a span of SDK 2', () => {
  it('is mapped with an exception, a link and a parent', async () => {
    const resource = resourceFromAttributes({ 'service.name': 'shop', 'process.owner': 'ana' });
    const memory = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({
      resource,
      spanProcessors: [new SimpleSpanProcessor(memory)],
    });
    const tracer = provider.getTracer('shop-http', '3.2.1');
    const parent = tracer.startSpan('parent');
    const child = tracer.startSpan(
      'POST /orders',
      {
        kind: SpanKind.SERVER,
        attributes: { 'http.request.method': 'POST', 'http.response.status_code': 503 },
        links: [{ context: parent.spanContext(), attributes: { why: 'retry' } }],
        startTime: [1_795_446_000, 0],
      },
      trace.setSpan(ROOT_CONTEXT, parent),
    );
    child.recordException(new TypeError('no stock'), [1_795_446_000, 500]);
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' });
    child.end([1_795_446_001, 0]);
    const [span] = memory.getFinishedSpans();
    const mapper = createSpanMapper(aContext(), () => 'unused');
    const event = mapper(span as SpanLike);
    await provider.shutdown();

    const { traceId, spanId } = child.spanContext();
    expect(event.idempotencyKey).toBe(`${traceId}-${spanId}`);
    expect(event.meta).toEqual({
      type: 'error',
      event_name: 'POST /orders',
      service: 'shop',
      env: 'production',
      environment: 'production',
      request_id: traceId,
      trace_id: traceId,
      log_level: 'error',
      http_method: 'POST',
      http_status: '503',
      error_type: 'TypeError',
      error_message: 'no stock',
    });
    expect(event.payload).toMatchObject({
      kind: 'server',
      parent_span_id: parent.spanContext().spanId,
      start_time: '2026-11-23T15:00:00.000000000Z',
      duration_ms: 1000,
      status: { code: 'error', message: 'failed' },
      events: [{ name: 'exception', time: '2026-11-23T15:00:00.000000500Z' }],
      links: [{ trace_id: traceId, span_id: parent.spanContext().spanId }],
      resource: { 'service.name': 'shop' },
      scope: { name: 'shop-http', version: '3.2.1' },
    });
    expect(JSON.stringify(event)).not.toContain('process.owner');
  });
});

describe('what a span says of other spans', () => {
  const remote = { traceId: TRACE_ID, spanId: PARENT_ID, isRemote: true };

  it('has whether its parent is in another process', () => {
    expect(map({ parentSpanContext: remote }).payload).toMatchObject({ parent_is_remote: true });
    for (const isRemote of [false, undefined]) {
      const { payload } = map({ parentSpanContext: { ...remote, isRemote } });
      expect(payload).not.toHaveProperty('parent_is_remote');
    }
  });

  it.each([
    [undefined, undefined],
    [1, undefined],
    [0, '00'],
    [3, '03'],
    [255, 'ff'],
    [256, undefined],
    [-1, undefined],
    [0.5, undefined],
  ])('has its trace flags %s as %s, where they are not those of nearly all', (traceFlags, text) => {
    const context = {
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      ...(traceFlags !== undefined && { traceFlags }),
    };
    const { payload } = map({ spanContext: () => context, links: [{ context }] });
    const { links } = payload as { readonly links: readonly unknown[] };
    expect(Object(payload)['trace_flags']).toBe(text);
    expect(Object(links[0])['trace_flags']).toBe(text);
  });

  it('keeps links whatever their ids are', () => {
    const broken = { traceId: 'ABC', spanId: SPAN_ID };
    const zeros = { traceId: '0'.repeat(32), spanId: '0'.repeat(16) };
    const links = [
      { context: remote },
      { context: broken },
      { context: zeros },
      {} as SpanLinkLike,
    ];
    expect(map({ links }).payload).toMatchObject({
      links: [
        { trace_id: TRACE_ID, span_id: PARENT_ID, is_remote: true },
        { invalid_trace_id: 'ABC', span_id: SPAN_ID },
        { invalid_trace_id: '0'.repeat(32), invalid_span_id: '0'.repeat(16) },
        { invalid_trace_id: null, invalid_span_id: null },
      ],
    });
  });

  it('keeps ids of its own that are none, but for those that say nothing', () => {
    const given = (traceId: string, spanId: string): unknown =>
      map({ spanContext: () => ({ traceId, spanId }) }).payload;
    expect(given('trace-7', SPAN_ID)).toMatchObject({
      invalid_trace_id: 'trace-7',
      span_id: SPAN_ID,
    });
    expect(given(TRACE_ID, 'x'.repeat(500))).toMatchObject({ invalid_span_id: 'x'.repeat(128) });
    for (const nothing of [given('', ''), given('0'.repeat(32), '0'.repeat(16))]) {
      expect(nothing).not.toHaveProperty('invalid_trace_id');
      expect(nothing).not.toHaveProperty('invalid_span_id');
    }
  });

  it('keeps numbers for kind and status that no word is known for', () => {
    expect(map({ kind: 9, status: { code: 7 } }).payload).toMatchObject({
      kind: 9,
      status: { code: 7 },
    });
    expect(map({ status: { code: Number.NaN } }).payload).toMatchObject({
      status: { code: 'unset' },
    });
  });

  it('keeps the schema of its resource', () => {
    const schemaUrl = 'https://opentelemetry.io/schemas/1.30.0';
    const resource = { attributes: { 'service.name': 'a' }, schemaUrl };
    expect(map({ resource }).payload).toMatchObject({ resource_schema_url: schemaUrl });
  });
});
