/** A small shop. It knows nothing of the ledger: it serves requests and writes log lines. */
import express from 'express';
import { pino } from 'pino';

const log = pino({ name: 'shop' });
const app = express();
app.use(express.json());

const products = [
  { id: '1', name: 'Coffee, 500 g', cents: 3_290 },
  { id: '2', name: 'Paper filters', cents: 1_150 },
];

app.get('/health', (_request, response) => {
  response.json({ ok: true });
});

app.get('/products', (_request, response) => {
  response.json(products);
});

app.get('/products/:id', (request, response) => {
  const product = products.find(({ id }) => id === request.params.id);
  if (product === undefined) {
    log.warn({ product_id: request.params.id }, 'no such product');
    response.status(404).json({ error: 'no such product' });
    return;
  }
  response.json(product);
});

app.get('/catalogue', (_request, response) => {
  response.redirect(302, '/products');
});

app.post('/orders', (request, response) => {
  const { email, cpf, product_id: productId } = request.body;
  log.info(
    {
      'event.name': 'order.placed',
      order_id: 'ord_1001',
      product_id: productId,
      customer: { email, cpf },
    },
    `order by ${email}, CPF ${cpf}`,
  );
  response.status(201).json({ order_id: 'ord_1001' });
});

app.post('/login', (request, response) => {
  const { email, password } = request.body;
  // A mistake that happens: the whole form goes into the log.
  log.info({ 'event.name': 'customer.login', email, password }, 'login');
  response.json({ ok: true });
});

app.get('/report', (_request, response) => {
  response.json(makeReport('ana.souza@example.com'));
});

/**
 * @param {string} recipient
 * @returns {object}
 */
function makeReport(recipient) {
  if (products.length < 3) throw new Error(`the report for ${recipient} cannot be made`);
  return products;
}

/**
 * @param {Error} error
 * @param {express.Request} _request
 * @param {express.Response} response
 * @param {express.NextFunction} next
 */
function onError(error, _request, response, next) {
  log.error({ err: error }, 'request failed');
  if (response.headersSent) {
    next(error);
    return;
  }
  response.status(500).json({ error: 'internal error' });
}
app.use(onError);

const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.send?.({ kind: 'listening', url: `http://127.0.0.1:${port}` });
});

process.once('message', () => {
  server.close();
});
