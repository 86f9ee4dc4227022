/**
 * Fastify with its own instrumentation, `@fastify/otel`: each request becomes one audit event.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local \
 *     node --import ./examples/fastify/instrumentation.js examples/fastify/main.js
 *   curl -H 'content-type: application/json' -d '{"sku":"c-1"}' http://127.0.0.1:3000/orders
 */
import { fastify } from 'fastify';
import {
  ATTR_IMMUTABLELOG_EVENT_NAME,
  ATTR_IMMUTABLELOG_TRAIL,
  requestBodyDigest,
  requestSpan,
} from 'opentelemetry-exporter-immutablelog';

const app = fastify();
app.addHook('preParsing', requestBodyDigest());
app.addHook('onError', (_request, _reply, error, done) => {
  requestSpan()?.recordException(error);
  done();
});

app.get('/health', () => ({ ok: true }));

app.get('/internal/queue', () => ({ waiting: 0 }));

app.get('/orders/:id', (request, reply) => {
  const { id } = /** @type {{ id: string }} */ (request.params);
  if (id === '0') reply.code(404).send({ error: 'no such order' });
  else reply.send({ id });
});

app.post('/orders', (_request, reply) => {
  requestSpan()?.setAttributes({
    [ATTR_IMMUTABLELOG_EVENT_NAME]: 'order.placed', // else `POST /orders`
    [ATTR_IMMUTABLELOG_TRAIL]: 'order-1001',
  });
  reply.code(201).send({ id: '1001' });
});

app.get('/report', () => {
  throw new TypeError('no report for ana@example.com');
});

console.log(await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' }));

process.once('SIGTERM', () => void app.close());
