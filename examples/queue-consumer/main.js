/**
 * A consumer of a NATS queue: each message becomes one audit event, in the trace of its sender.
 *
 *   nats-server --addr 127.0.0.1 --port 4222
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local NATS_URL=127.0.0.1:4222 \
 *     node --import ./examples/queue-consumer/instrumentation.js examples/queue-consumer/main.js
 *
 * `publish.js` beside it sends three orders, when started in the same way.
 */
import { connect } from '@nats-io/transport-node';
import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import { ATTR_IMMUTABLELOG_TRAIL } from 'opentelemetry-exporter-immutablelog';

const tracer = trace.getTracer('order-consumer');
const queue = await connect({ servers: process.env['NATS_URL'] ?? '127.0.0.1:4222' });

/** @param {{ id: string, email: string, cents: number }} order */
function ship(order) {
  trace.getActiveSpan()?.setAttributes({
    [ATTR_IMMUTABLELOG_TRAIL]: `order-${order.id}`,
    'order.id': order.id,
    'customer.email': order.email, // arrives as customer.email_hash
  });
  if (order.cents <= 0) throw new RangeError(`nothing to ship to ${order.email}`);
}

/** @type {import('@opentelemetry/api').TextMapGetter<import('@nats-io/transport-node').Msg>} */
const headers = {
  get: ({ headers }, name) => headers?.get(name),
  keys: ({ headers }) => [...(headers?.keys() ?? [])],
};

/** @param {import('@nats-io/transport-node').Msg} message */
function consume(message) {
  const sender = propagation.extract(context.active(), message, headers);
  const options = {
    kind: SpanKind.CONSUMER,
    attributes: { 'messaging.system': 'nats', 'messaging.destination.name': message.subject },
  };
  tracer.startActiveSpan('order.shipped', options, sender, (span) => {
    try {
      ship(message.json());
    } catch (error) {
      if (error instanceof Error) span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  });
}

const orders = queue.subscribe('orders', { queue: 'shipping' });
await queue.flush(); // the server knows the subscription
console.log('waiting for orders');
process.once('SIGTERM', () => void queue.drain());

for await (const message of orders) consume(message);
