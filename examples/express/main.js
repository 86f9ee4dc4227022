/**
 * Express: each request becomes one audit event; the routes know nothing of the ledger.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local \
 *     node --import ./examples/express/instrumentation.js examples/express/main.js
 *   curl -H 'content-type: application/json' -d '{"sku":"c-1"}' http://127.0.0.1:3000/orders
 */
import express from 'express';
import {
  ATTR_IMMUTABLELOG_EVENT_NAME,
  ATTR_IMMUTABLELOG_TRAIL,
  requestBodyDigest,
  requestSpan,
} from 'opentelemetry-exporter-immutablelog';

const app = express();
app.use(express.json({ verify: requestBodyDigest() }));

app.get('/health', (_request, response) => {
  response.json({ ok: true });
});

app.get('/internal/queue', (_request, response) => {
  response.json({ waiting: 0 });
});

app.get('/orders/:id', (request, response) => {
  if (request.params.id === '0') response.status(404).json({ error: 'no such order' });
  else response.json({ id: request.params.id });
});

app.post('/orders', (_request, response) => {
  requestSpan()?.setAttributes({
    [ATTR_IMMUTABLELOG_EVENT_NAME]: 'order.placed', // else `POST /orders`
    [ATTR_IMMUTABLELOG_TRAIL]: 'order-1001',
  });
  response.status(201).json({ id: '1001' });
});

app.get('/report', () => {
  throw new TypeError('no report for ana@example.com');
});

/**
 * @param {Error} error
 * @param {express.Request} _request
 * @param {express.Response} response
 * @param {express.NextFunction} next
 */
function onError(error, _request, response, next) {
  requestSpan()?.recordException(error);
  if (response.headersSent) next(error);
  else response.status(500).json({ error: 'internal error' });
}
app.use(onError);

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`http://127.0.0.1:${address?.port}`);
});

process.once('SIGTERM', () => server.close());
