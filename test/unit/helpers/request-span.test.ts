import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestSpan } from '../../../src/helpers/record-audit-event.ts';

const tracer = new BasicTracerProvider().getTracer('test');

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterEach(() => {
  context.disable();
});

describe('the span of the request', () => {
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
