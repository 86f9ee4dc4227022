/**
 * A Lambda-style handler: its events are in the ledger before the platform freezes the process.
 *
 * Deploy it with `handler.handler` as entry point, IMTBL_API_KEY in the environment.
 */
import { SpanKind, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  ImmutableLogClient,
  ImmutableLogLogRecordProcessor,
  ImmutableLogSpanProcessor,
  recordAuditEvent,
  withImmutableLogFlush,
} from 'opentelemetry-exporter-immutablelog';

const client = new ImmutableLogClient(); // made once, used by all invocations of this process
const sdk = new NodeSDK({
  serviceName: 'refunds',
  spanProcessors: [new ImmutableLogSpanProcessor({ client })],
  logRecordProcessors: [new ImmutableLogLogRecordProcessor({ client })],
  metricReaders: [],
  instrumentations: [],
});
sdk.start();

const tracer = trace.getTracer('refunds');

/** @param {{ order: string, cents: number }} event */
function refund({ order, cents }) {
  return tracer.startActiveSpan('refund', { kind: SpanKind.SERVER }, (span) => {
    try {
      if (cents <= 0) throw new RangeError('nothing to refund');
      recordAuditEvent('refund.paid', { order, cents }, { type: 'success', trail: order });
      return { refunded: cents };
    } catch (error) {
      recordAuditEvent('refund.refused', { order }, { type: 'error', trail: order });
      throw error;
    } finally {
      span.end();
    }
  });
}

export const handler = withImmutableLogFlush(refund, { client, marginMs: 100 });
