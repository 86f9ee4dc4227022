import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import { createLogMapper } from '../../../src/record/from-log.ts';
import { createSpanMapper } from '../../../src/record/from-span.ts';
import type { LogRecordLike, SpanLike } from '../../../src/record/otel-types.ts';
import { aContext } from '../../support/otel-records.ts';

const resource = resourceFromAttributes({ 'service.name': 'shop', 'process.owner': 'ana' });

describe('records of SDK 2', () => {
  it('map from a span with an exception, a link and a parent', async () => {
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

  it('map from a log record with an event name and a nested body', async () => {
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
