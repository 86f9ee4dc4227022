import type { Attributes, Tracer } from '@opentelemetry/api';

let made = 0;

/** Twelve attributes as a small API has them; two hold personal data and are hashed by default. */
export function attributesOf(number: number): Attributes {
  return {
    'http.request.method': 'POST',
    'http.route': '/orders/:id',
    'http.response.status_code': 201,
    'url.scheme': 'https',
    'server.address': 'api.example.com',
    'network.protocol.version': '1.1',
    'order.id': `ord_${number}`,
    'order.total': number % 10_000,
    'tenant.id': `tnt_${number % 50}`,
    'user.id': `usr_${number % 1000}`,
    'user.email': `user${number % 1000}@example.com`,
    'client.address': `203.0.113.${number % 250}`,
  };
}

/** Makes and ends that many spans at once. */
export function makeSpans(tracer: Tracer, count: number): void {
  for (let index = 0; index < count; index += 1) {
    made += 1;
    tracer.startSpan('POST /orders/:id', { attributes: attributesOf(made) }).end();
  }
}
