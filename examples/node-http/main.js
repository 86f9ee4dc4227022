/**
 * node:http without a framework: each request becomes one audit event.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local \
 *     node --import ./examples/node-http/instrumentation.js examples/node-http/main.js
 *   curl -d '{"sku":"c-1"}' http://127.0.0.1:3000/orders
 */
import { createServer } from 'node:http';
import { context } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import {
  ATTR_IMMUTABLELOG_EVENT_NAME,
  ATTR_IMMUTABLELOG_TRAIL,
  requestBodyDigest,
  requestSpan,
} from 'opentelemetry-exporter-immutablelog';

const digestBody = requestBodyDigest();

/**
 * What a framework's instrumentation does: names the template, so that no event has a concrete path
 * for its name.
 *
 * @param {string} route
 */
function routeIs(route) {
  const request = getRPCMetadata(context.active());
  if (request !== undefined) request.route = route;
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function serve(request, response) {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const order = /^\/orders\/(\d+)$/.exec(pathname)?.[1];
  if (request.method === 'POST' && pathname === '/orders') {
    routeIs('/orders');
    let size = 0;
    for await (const chunk of digestBody(request, response, request)) size += chunk.length;
    requestSpan()?.setAttributes({
      [ATTR_IMMUTABLELOG_EVENT_NAME]: 'order.placed', // else `POST /orders`
      [ATTR_IMMUTABLELOG_TRAIL]: 'order-1001',
    });
    response.writeHead(201).end(JSON.stringify({ id: '1001', size }));
  } else if (order !== undefined) {
    routeIs('/orders/:id');
    response.writeHead(order === '0' ? 404 : 200).end(JSON.stringify({ id: order }));
  } else if (pathname === '/report') {
    routeIs('/report');
    throw new TypeError('no report for ana@example.com');
  } else {
    response.writeHead(['/health', '/internal/queue'].includes(pathname) ? 200 : 404).end('{}');
  }
}

const server = createServer((request, response) => {
  serve(request, response).catch((error) => {
    requestSpan()?.recordException(error);
    response.writeHead(500).end('{"error":"internal error"}');
  });
});

server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`http://127.0.0.1:${address?.port}`);
});

process.once('SIGTERM', () => server.close());
