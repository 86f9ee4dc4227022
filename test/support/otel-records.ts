import type { MappingContext } from '../../src/record/origin.ts';
import type {
  LogRecordLike,
  ResourceLike,
  ScopeLike,
  SpanLike,
} from '../../src/record/otel-types.ts';

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
export const SPAN_ID = '00f067aa0ba902b7';
export const PARENT_ID = 'b7ad6b7169203331';

export const resource: ResourceLike = { attributes: { 'service.name': 'billing' } };
export const scope: ScopeLike = { name: 'test-scope', version: '1.2.3' };

/** A span as an SDK would hand it over, changed where a test says so. */
export function aSpan(changes: Partial<SpanLike> = {}): SpanLike {
  return {
    name: 'GET /users/:id',
    kind: 1,
    spanContext: () => ({ traceId: TRACE_ID, spanId: SPAN_ID }),
    startTime: [1_795_446_000, 1],
    endTime: [1_795_446_000, 12_345_679],
    duration: [0, 12_345_678],
    status: { code: 0 },
    attributes: {},
    events: [],
    links: [],
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...changes,
  };
}

/** A log record as an SDK would hand it over, changed where a test says so. */
export function aLog(changes: Partial<LogRecordLike> = {}): LogRecordLike {
  return {
    hrTime: [1_795_446_000, 5],
    hrTimeObserved: [1_795_446_001, 0],
    attributes: {},
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    ...changes,
  };
}

/** A mapping context without options, at a fixed moment; changed where a test says so. */
export function aContext(changes: Partial<MappingContext> = {}): MappingContext {
  return {
    service: undefined,
    serviceFallback: undefined,
    env: undefined,
    envFallback: undefined,
    warningType: 'info',
    clientIp: 'off',
    now: () => 1_800_000_000_123,
    ...changes,
  };
}
