import { SeverityNumber } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { describe, expect, it } from 'vitest';
import type { MappingContext } from '../../../src/record/origin.ts';
import type { AuditEvent } from '../../../src/record/event.ts';
import { createLogMapper } from '../../../src/record/from-log.ts';
import type { LogRecordLike } from '../../../src/record/otel-types.ts';
import { SPAN_ID, TRACE_ID, aContext, aLog } from '../../support/otel-records.ts';

const map = (
  changes: Partial<LogRecordLike> = {},
  context: Partial<MappingContext> = {},
): AuditEvent => createLogMapper(aContext(context), () => 'writer-1')(aLog(changes));

describe('the whole event', () => {
  it('maps a plain record', () => {
    expect(map({ body: 'hello', severityNumber: 9, severityText: 'INFO' })).toEqual({
      signal: 'log',
      idempotencyKey: 'writer-1',
      meta: {
        type: 'info',
        event_name: 'log.info',
        service: 'billing',
        env: 'production',
        environment: 'production',
        request_id: 'writer-1',
        log_level: 'info',
      },
      payload: {
        signal: 'log',
        time: '2026-11-23T15:00:00.000000005Z',
        observed_time: '2026-11-23T15:00:01.000000000Z',
        severity_number: 9,
        severity_text: 'INFO',
        body: 'hello',
        resource: { 'service.name': 'billing' },
        scope: { name: 'test-scope', version: '1.2.3' },
      },
    });
  });

  it('leaves out every field that has no value', () => {
    const { payload } = map({ severityNumber: 0, severityText: '' });
    expect(Object.keys(payload as object)).toEqual([
      'observed_time',
      'resource',
      'scope',
      'signal',
      'time',
    ]);
  });

  it('keeps values that only look like none', () => {
    expect(map({ body: '', attributes: { a: '', b: 0, c: [], d: null } }).payload).toMatchObject({
      body: '',
      attributes: { a: '', b: 0, c: [], d: null },
    });
    expect(map({ body: null }).payload).toHaveProperty('body', null);
  });

  it('copies a nested body and attributes of the scope', () => {
    const { payload } = map({
      body: { user: { id: 1n } },
      instrumentationScope: { name: 's', schemaUrl: 'https://x/1', attributes: { a: 1 } },
      droppedAttributesCount: 4,
    });
    expect(payload).toMatchObject({
      body: { user: { id: '1' } },
      scope: { name: 's', schema_url: 'https://x/1', attributes: { a: 1 } },
      dropped: { attributes: 4 },
    });
  });

  it('sets the keys of the payload in sorted order', () => {
    const { payload } = map({
      attributes: { a: 1 },
      body: 1,
      eventName: 'e',
      severityNumber: 1,
      severityText: 't',
      droppedAttributesCount: 1,
      spanContext: { traceId: TRACE_ID, spanId: SPAN_ID },
    });
    const keys = Object.keys(payload as object);
    expect(keys).toEqual(keys.toSorted());
    expect(keys).toHaveLength(13);
  });
});

describe('type and level', () => {
  it.each([
    [1, 'info', 'debug'],
    [8, 'info', 'debug'],
    [9, 'info', 'info'],
    [12, 'info', 'info'],
    [13, 'info', 'warn'],
    [16, 'info', 'warn'],
    [17, 'error', 'error'],
    [24, 'error', 'error'],
    [0, 'info', 'info'],
    [99, 'info', 'info'],
    [undefined, 'info', 'info'],
  ])('maps severity %s to %s and %s', (severityNumber, type, level) => {
    const { meta } = map({ severityNumber });
    expect(meta).toMatchObject({ type, log_level: level, event_name: `log.${level}` });
  });

  it('uses the type that the account takes for warnings', () => {
    expect(map({ severityNumber: 13 }, { warningType: 'warning' }).meta['type']).toBe('warning');
  });

  it.each([
    ['fatal', 'error', 'error'],
    ['Critical', 'error', 'error'],
    ['emerg', 'error', 'error'],
    ['SEVERE', 'error', 'error'],
    [' ERROR2 ', 'error', 'error'],
    ['err', 'error', 'error'],
    ['Warning', 'warning', 'warn'],
    ['WARN4', 'warning', 'warn'],
    ['notice', 'info', 'info'],
    ['Informational', 'info', 'info'],
    ['FINE', 'info', 'debug'],
    ['verbose', 'info', 'debug'],
    ['trace', 'info', 'debug'],
    ['INFO9', 'info', 'info'],
    ['whatever', 'info', 'info'],
  ])('reads severity text %j without a number as %s and %s', (severityText, type, level) => {
    for (const severityNumber of [undefined, 0, NaN, 99]) {
      const { meta, payload } = map({ severityNumber, severityText }, { warningType: 'warning' });
      expect(meta).toMatchObject({ type, log_level: level, event_name: `log.${level}` });
      expect(Object(payload)['severity_number']).toBe(severityNumber === 99 ? 99 : undefined);
    }
    expect(map({ severityNumber: 9, severityText }).meta['log_level']).toBe('info');
  });

  it('takes an exception without a severity for an error', () => {
    const attributes = {
      'exception.type': 'TypeError',
      'exception.message': 'x is not a function',
    };
    expect(map({ attributes }).meta).toMatchObject({
      type: 'error',
      log_level: 'error',
      event_name: 'log.error',
      error_type: 'TypeError',
      error_message: 'x is not a function',
    });
    expect(map({ attributes, severityNumber: 9 }).meta['type']).toBe('info');
  });

  it('obeys the type set by the program and keeps the level', () => {
    const { meta, payload } = map({
      severityNumber: 17,
      attributes: { 'immutablelog.type': 'success' },
    });
    expect(meta).toMatchObject({ type: 'success', log_level: 'error' });
    expect(payload).not.toHaveProperty('attributes');
  });
});

describe('event name', () => {
  it.each([
    ['the override', { 'immutablelog.event_name': 'a', 'event.name': 'c' }, 'b', 'a'],
    ['the event name', { 'event.name': 'c' }, 'b', 'b'],
    ['the attribute', { 'event.name': 'c' }, undefined, 'c'],
    ['the attribute when the name is empty', { 'event.name': 'c' }, '', 'c'],
    ['the level', {}, undefined, 'log.info'],
  ])('is %s', (_, attributes, eventName, expected) => {
    expect(map({ attributes, eventName }).meta['event_name']).toBe(expected);
  });

  it('is in the payload when the record has one', () => {
    expect(map({ eventName: 'user.created' }).payload).toHaveProperty('event_name', 'user.created');
  });
});

describe('trace', () => {
  it('is the span of the record', () => {
    const event = map({ spanContext: { traceId: TRACE_ID, spanId: SPAN_ID } });
    expect(event.meta).toMatchObject({ trace_id: TRACE_ID, request_id: TRACE_ID });
    expect(event.payload).toMatchObject({ trace_id: TRACE_ID, span_id: SPAN_ID });
  });

  it('is what a log library wrote when the record has no span', () => {
    const attributes = { trace_id: TRACE_ID.toUpperCase(), span_id: SPAN_ID };
    const event = map({ attributes });
    expect(event.meta).toMatchObject({ trace_id: TRACE_ID, request_id: TRACE_ID });
    expect(event.payload).toMatchObject({ trace_id: TRACE_ID, span_id: SPAN_ID, attributes });
  });

  it.each(['0'.repeat(32), 'short', 5, null])('is nothing when the attribute is %j', (trace_id) => {
    const event = map({ attributes: { trace_id, span_id: SPAN_ID } });
    expect(event.meta).not.toHaveProperty('trace_id');
    expect(event.payload).not.toHaveProperty('trace_id');
    expect(event.payload).not.toHaveProperty('span_id');
  });
});

describe('idempotency key', () => {
  it('is the uid of the record when that is a safe token', () => {
    expect(map({ attributes: { 'log.record.uid': '01ARZ3NDEKTSV4' } }).idempotencyKey).toBe(
      '01ARZ3NDEKTSV4',
    );
  });

  it.each(['', 'with space', 'crlf\r\n', 'ü', 'x'.repeat(256), 17])(
    'is the fallback when the uid is %j',
    (uid) => {
      expect(map({ attributes: { 'log.record.uid': uid } }).idempotencyKey).toBe('writer-1');
    },
  );
});

describe('times', () => {
  it('takes the observed time for an invalid one', () => {
    expect(map({ hrTime: [Number.NaN, Number.NaN] }).payload).toMatchObject({
      time: '2026-11-23T15:00:01.000000000Z',
      observed_time: '2026-11-23T15:00:01.000000000Z',
      time_invalid: true,
    });
  });

  it('takes the time of export when both are invalid', () => {
    const { payload } = map({ hrTime: [Number.NaN, 0], hrTimeObserved: [Number.NaN, 0] });
    expect(payload).toMatchObject({ time: '2027-01-15T08:00:00.123000000Z', time_invalid: true });
    expect(payload).not.toHaveProperty('observed_time');
  });

  it('does not mark a valid time', () => {
    expect(map().payload).not.toHaveProperty('time_invalid');
  });
});

describe('meta from attributes', () => {
  it('carries HTTP fields, trail and, where asked, the client address', () => {
    const attributes = {
      'http.method': 'POST',
      'http.status_code': 201,
      'http.route': '/orders',
      'immutablelog.trail': 'order:7',
      'client.address': '192.0.2.1',
    };
    expect(map({ attributes }, { clientIp: 'raw' }).meta).toMatchObject({
      http_method: 'POST',
      http_status: '201',
      http_route: '/orders',
      immutable_trail: 'order-7',
      client_ip: '192.0.2.1',
    });
    expect(map({ attributes }).meta).not.toHaveProperty('client_ip');
  });
});

describe('a log record of SDK 2', () => {
  it('is mapped with an event name and a nested body', async () => {
    const resource = resourceFromAttributes({ 'service.name': 'shop' });
    const memory = new InMemoryLogRecordExporter();
    const provider = new LoggerProvider({
      resource,
      processors: [new SimpleLogRecordProcessor({ exporter: memory })],
    });
    provider.getLogger('shop-log', '1.0.0').emit({
      eventName: 'order.refused',
      severityNumber: SeverityNumber.WARN,
      severityText: 'WARN',
      timestamp: [1_795_446_000, 9],
      body: { order: { id: 7 } },
      attributes: { 'log.record.uid': 'uid-7' },
    });
    const [record] = memory.getFinishedLogRecords();
    const mapper = createLogMapper(aContext({ warningType: 'warning' }), () => 'unused');
    const event = mapper(record as LogRecordLike);
    await provider.shutdown();

    expect(event.idempotencyKey).toBe('uid-7');
    expect(event.meta).toMatchObject({
      type: 'warning',
      log_level: 'warn',
      event_name: 'order.refused',
      request_id: 'uid-7',
      service: 'shop',
    });
    expect(event.payload).toMatchObject({
      signal: 'log',
      time: '2026-11-23T15:00:00.000000009Z',
      body: { order: { id: 7 } },
      severity_number: 13,
      severity_text: 'WARN',
      scope: { name: 'shop-log', version: '1.0.0' },
    });
  });
});

describe('what a log record says of its span', () => {
  it('has flags, trace state and ids that are none', () => {
    const traceState = { serialize: () => 'vendor=1' };
    const spanContext = { traceId: TRACE_ID, spanId: 'broken', traceFlags: 0, traceState };
    expect(map({ spanContext }).payload).toMatchObject({
      trace_id: TRACE_ID,
      invalid_span_id: 'broken',
      trace_flags: '00',
      trace_state: 'vendor=1',
    });
    const { payload } = map({ spanContext: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 } });
    for (const name of ['trace_flags', 'trace_state', 'invalid_span_id', 'invalid_trace_id']) {
      expect(payload).not.toHaveProperty(name);
    }
  });

  it('has the schema of its resource', () => {
    const resource = { attributes: {}, schemaUrl: 'https://example.com/schema' };
    expect(map({ resource }).payload).toMatchObject({
      resource_schema_url: 'https://example.com/schema',
    });
  });
});
