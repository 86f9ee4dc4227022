import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { afterEach, describe, expect, it } from 'vitest';
import { recordAuditEvent } from '../../../src/helpers/record-audit-event.ts';
import { logWitness } from '../../support/otel-setup.ts';
import { runScript } from '../../support/run-script.ts';

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

  it('reaches the logs API that is part of @opentelemetry/api from 1.10 on', async () => {
    const { out, err } = await runScript('test/process/fixtures/audit-event-line-3.js');
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({
      before: false,
      taken: true,
      count: 1,
      eventName: 'invoice.paid',
      attributes: { 'invoice.id': 'inv_42', 'immutablelog.type': 'success' },
      severityNumber: 9,
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
  });
});
