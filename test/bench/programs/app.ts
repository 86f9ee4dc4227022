/** A small HTTP app: each request makes a span, which goes to an exporter in batches. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EXPORTERS } from '../support/contenders/index.ts';
import { tracerProvider } from '../support/contenders/sdk.ts';
import { isUnknownOption } from '../support/not-in-build.ts';
import { serve } from '../support/serve.ts';
import { makeSpans } from '../support/span-maker.ts';
import { requireWorker, watchWorker } from '../support/worker-trouble.ts';

const [name = '', url = ''] = process.argv.slice(2);
const ORDERS = Array.from({ length: 40 }, (_, id) => ({ id, total: id * 3, currency: 'BRL' }));

async function start(): Promise<object> {
  try {
    const exporter = EXPORTERS[name]?.(url);
    if (exporter === undefined) throw new Error(`no exporter ${name}`);
    const tracer = tracerProvider(exporter).getTracer('bench');
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(ORDERS));
      makeSpans(tracer, 1);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  } catch (error) {
    if (isUnknownOption(error)) return { missing: true };
    throw error;
  }
}

watchWorker();
const started = start();
serve(async () => {
  const answer = await started;
  requireWorker();
  return answer;
});
