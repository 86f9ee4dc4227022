/** Varied records for a program under test; none holds personal data. */
import type { AttributeValue, Link, Span, Tracer } from '@opentelemetry/api';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  createTraceState,
  trace,
} from '@opentelemetry/api';
import type { LogRecord } from '@opentelemetry/api-logs';
import { SeverityNumber } from '@opentelemetry/api-logs';

const FIRST_SECOND = 1_790_000_000;

/** Attributes of every shape that a span takes. */
const SPAN_ATTRIBUTES: readonly Record<string, AttributeValue>[] = [
  {},
  {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'http.route': '/orders/:id',
    'url.path': '/orders/17',
  },
  { 'http.method': 'POST', 'http.status_code': 404, 'http.route': '/orders', 'http.flavor': '1.1' },
  { 'http.request.method': 'GET', 'http.response.status_code': 302, 'server.address': 'shop' },
  { 'http.request.method': 'PUT', 'http.response.status_code': 503, 'error.type': '503' },
  { empty: '', zero: 0, minusZero: -0, no: false, none: [], nan: NaN, endless: -Infinity },
  { numbers: [1, 2.5, -3e-7, 1e21], words: ['a', '', 'c'], flags: [true, false] },
  { 'immutablelog.event_name': 'order.placed', 'immutablelog.trail': ' order:77 ' },
  { 'immutablelog.type': 'warning', 'user.id': 'usr_1', 'db.system.name': 'postgresql' },
  { text: 'ünïcode \u{1f600} "quoted" \\ \n\t\u0001', 'exception.type': 'Odd' },
  { ['__proto__']: 'literal', constructor: 'literal', hasOwnProperty: 'literal' },
];

const KINDS = [
  SpanKind.INTERNAL,
  SpanKind.SERVER,
  SpanKind.CLIENT,
  SpanKind.PRODUCER,
  SpanKind.CONSUMER,
];

function linkTo(index: number): Link {
  return {
    context: {
      traceId: (index + 1).toString(16).padStart(32, '0'),
      spanId: (index + 1).toString(16).padStart(16, 'a'),
      traceFlags: TraceFlags.SAMPLED,
      ...(index % 2 === 0 ? { traceState: createTraceState('vendor=value') } : {}),
    },
    ...(index % 3 === 0 ? { attributes: { 'messaging.operation.name': 'receive', index } } : {}),
  };
}

function setOutcome(span: Span, index: number): void {
  if (index % 7 === 1) span.setStatus({ code: SpanStatusCode.OK });
  if (index % 7 === 2) span.setStatus({ code: SpanStatusCode.ERROR });
  if (index % 7 === 3) span.setStatus({ code: SpanStatusCode.ERROR, message: 'stock is empty' });
  if (index % 11 === 4) {
    const error = new RangeError(`line ${index} is out of range`);
    error.stack = `RangeError: line ${index} is out of range\n    at place (/app/order.js:${index}:7)`;
    span.recordException(error, [FIRST_SECOND + index, 250]);
  }
  if (index % 13 === 5) {
    span.addEvent('stock checked', { left: index, shelf: 'B' }, [FIRST_SECOND + index, 1]);
    span.addEvent('nothing to add', [FIRST_SECOND + index, 999_999_999]);
  }
}

/** Starts and ends spans: every kind, attributes, statuses, events, links, parents. */
export function emitSpans(tracer: Tracer, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const remote = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: (index + 1).toString(16).padStart(32, 'b'),
      spanId: (index + 1).toString(16).padStart(16, 'c'),
      traceFlags: TraceFlags.SAMPLED,
      isRemote: true,
      ...(index % 5 === 0 ? { traceState: createTraceState('rojo=1,congo=t61') } : {}),
    });
    const span = tracer.startSpan(
      `operation ${index % 50}`,
      {
        kind: KINDS[index % KINDS.length] ?? SpanKind.INTERNAL,
        attributes: { ...SPAN_ATTRIBUTES[index % SPAN_ATTRIBUTES.length], sequence: index },
        startTime: [FIRST_SECOND + index, index % 1_000_000_000],
        ...(index % 9 === 0 ? { links: [linkTo(index), linkTo(index + 1)] } : {}),
      },
      index % 3 === 0 ? ROOT_CONTEXT : remote,
    );
    setOutcome(span, index);
    span.end([FIRST_SECOND + index + (index % 4), 1_000_000 + (index % 1_000_000)]);
  }
}

function bodies(): readonly unknown[] {
  const error = new TypeError('the cart is gone');
  error.stack = 'TypeError: the cart is gone\n    at place (/app/cart.js:3:9)';
  return [
    undefined,
    'order placed',
    '',
    0,
    true,
    -12.5,
    Infinity,
    12_345_678_901_234_567_890n,
    ['a', 1, null, [2, [3]]],
    { order: { id: 'ord_1', lines: [{ sku: 'A-1', count: 2 }] }, note: '' },
    new Uint8Array([0, 1, 254, 255]),
    new Date(1_790_000_000_123),
    new Date(Number.NaN),
    new Map<string, unknown>([['step', 3]]),
    new Set(['x', 'y']),
    error,
    'a lone \ud800 surrogate',
    { deep: { er: { undef: undefined, list: [undefined, Number.NaN] } } },
  ];
}

const LOG_ATTRIBUTES: readonly NonNullable<LogRecord['attributes']>[] = [
  {},
  { 'event.name': 'order.noted', retries: 3 },
  { nested: { map: { list: [1, 'two', null, { three: 3 }] } }, bytes: new Uint8Array([9, 8]) },
  { 'exception.type': 'TimeoutError', 'exception.message': 'no answer from stock' },
  { trace_id: 'abcdefabcdefabcdefabcdefabcdef12', span_id: 'abcdefabcdef1234' },
  { trace_id: 'not a trace id' },
  { 'immutablelog.event_name': 'order.audited', 'immutablelog.type': 'success' },
  { 'immutablelog.trail': 'order:9', 'http.request.method': 'DELETE', 'http.status_code': 204 },
];

const SEVERITIES = [
  undefined,
  SeverityNumber.TRACE,
  SeverityNumber.DEBUG4,
  SeverityNumber.INFO,
  SeverityNumber.INFO4,
  SeverityNumber.WARN,
  SeverityNumber.WARN4,
  SeverityNumber.ERROR,
  SeverityNumber.FATAL4,
];

/** A logger as a program without types sees it: a body can be anything. */
export interface UntypedLogger {
  emit(record: object): void;
}

/** Emits log records: every kind of body, severities, event names, with and without a span. */
export function emitLogs(logger: UntypedLogger, count: number): void {
  const kinds = bodies();
  for (let index = 0; index < count; index += 1) {
    const severityNumber = SEVERITIES[index % SEVERITIES.length];
    const span = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: (index + 1).toString(16).padStart(32, 'd'),
      spanId: (index + 1).toString(16).padStart(16, 'e'),
      traceFlags: TraceFlags.SAMPLED,
    });
    logger.emit({
      timestamp: [FIRST_SECOND + index, index],
      observedTimestamp: [FIRST_SECOND + index + 1, 0],
      body: kinds[index % kinds.length],
      attributes: { ...LOG_ATTRIBUTES[index % LOG_ATTRIBUTES.length], sequence: index },
      context: index % 2 === 0 ? span : ROOT_CONTEXT,
      ...(severityNumber === undefined ? {} : { severityNumber }),
      ...(index % 4 === 1 ? { eventName: `order.step_${index % 6}` } : {}),
      ...(index % 5 === 1 ? { severityText: 'NOTICE' } : {}),
    });
  }
}
