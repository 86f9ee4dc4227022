import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordAuditEvent, requestSpan } from '../../../src/helpers/record-audit-event.ts';
import { logWitness } from '../../support/otel-setup.ts';

afterEach(() => {
  logs.disable();
  context.disable();
});

function registered(): ReadableLogRecord[] {
  const seen: ReadableLogRecord[] = [];
  logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [logWitness(seen)] }));
  return seen;
}

describe('an audit event', () => {
  it('is a log record with a name, in the current trace', () => {
    const seen = registered();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const active = trace.setSpanContext(ROOT_CONTEXT, { ...span, traceFlags: 1 });
    const taken = context.with(active, () =>
      recordAuditEvent(
        'invoice.paid',
        { 'invoice.id': 'inv_42' },
        { type: 'success', trail: 'order-7', body: 'paid in full' },
      ),
    );
    expect(taken).toBe(true);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      eventName: 'invoice.paid',
      severityNumber: 9,
      severityText: 'INFO',
      body: 'paid in full',
      attributes: {
        'invoice.id': 'inv_42',
        'immutablelog.type': 'success',
        'immutablelog.trail': 'order-7',
      },
      spanContext: span,
      instrumentationScope: { name: 'opentelemetry-exporter-immutablelog' },
    });
  });

  it('says no more than it was told', () => {
    const seen = registered();
    expect(recordAuditEvent('worker.idle')).toBe(true);
    expect(seen[0]?.attributes).toEqual({});
    expect(seen[0]?.body).toBeUndefined();
  });

  it.each([
    ['error', 17, 'ERROR'],
    ['warning', 13, 'WARN'],
    ['info', 9, 'INFO'],
    ['success', 9, 'INFO'],
  ] as const)('of type %s has the severity %i', (type, severityNumber, severityText) => {
    const seen = registered();
    recordAuditEvent('invoice.paid', {}, { type });
    expect(seen[0]).toMatchObject({ severityNumber, severityText });
  });

  it('has the severity that is asked for, whatever its type', () => {
    const seen = registered();
    recordAuditEvent('invoice.paid', {}, { type: 'success', severityNumber: 24 });
    expect(seen[0]).toMatchObject({ severityNumber: 24, severityText: 'FATAL' });
  });

  it('is taken by nobody before a provider is registered, and by one that comes later', () => {
    expect(recordAuditEvent('too.early')).toBe(false);
    const seen = registered();
    expect(recordAuditEvent('in.time')).toBe(true);
    expect(seen.map(({ eventName }) => eventName)).toEqual(['in.time']);
  });

  it('never throws, whatever the provider does', () => {
    const processor = logWitness([]);
    processor.onEmit = () => {
      throw new Error('full');
    };
    logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [processor] }));
    expect(recordAuditEvent('invoice.paid')).toBe(false);
  });
});

describe('the span of the request', () => {
  const tracer = new BasicTracerProvider().getTracer('test');

  beforeEach(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });

  it('is the active one outside of any HTTP request', () => {
    const span = tracer.startSpan('job');
    expect(context.with(trace.setSpan(ROOT_CONTEXT, span), requestSpan)).toBe(span);
  });

  it('is that of the server inside the span of a middleware', () => {
    const server = tracer.startSpan('GET');
    const request = setRPCMetadata(ROOT_CONTEXT, { type: RPCType.HTTP, span: server });
    const middleware = trace.setSpan(request, tracer.startSpan('middleware'));
    expect(context.with(middleware, requestSpan)).toBe(server);
  });

  it('is the active one when the request has been answered', () => {
    const server = tracer.startSpan('GET');
    server.end();
    const request = setRPCMetadata(ROOT_CONTEXT, { type: RPCType.HTTP, span: server });
    const afterwards = tracer.startSpan('afterwards');
    expect(context.with(trace.setSpan(request, afterwards), requestSpan)).toBe(afterwards);
  });

  it('is nothing without a span', () => {
    expect(requestSpan()).toBeUndefined();
  });
});
