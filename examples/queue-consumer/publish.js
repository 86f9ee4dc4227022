/** Sends three orders to the queue, each with the trace of its sender in the message's headers. */
import { connect, headers } from '@nats-io/transport-node';
import { SpanKind, context, propagation, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('web-shop');
const queue = await connect({ servers: process.env['NATS_URL'] ?? '127.0.0.1:4222' });

const orders = [
  { id: '1001', email: 'ana@example.com', cents: 3_290 },
  { id: '1002', email: 'bruno@example.com', cents: 1_150 },
  { id: '1003', email: 'carla@example.com', cents: 0 },
];
for (const order of orders) {
  tracer.startActiveSpan('order.sent', { kind: SpanKind.PRODUCER }, (span) => {
    const head = headers();
    propagation.inject(context.active(), head, {
      set: (carrier, name, value) => carrier.set(name, value),
    });
    queue.publish('orders', JSON.stringify(order), { headers: head });
    console.log(order.id, span.spanContext().traceId);
    span.end();
  });
}
await queue.drain();
