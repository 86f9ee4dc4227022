/**
 * What the exporter says about itself, for Prometheus to scrape.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local node examples/metrics/main.js
 *   curl http://127.0.0.1:9464/metrics
 */
import { trace } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { ImmutableLogSpanExporter } from 'opentelemetry-exporter-immutablelog';

const port = Number(process.env['PORT'] ?? PrometheusExporter.DEFAULT_OPTIONS.port);

const sdk = new NodeSDK({
  serviceName: 'billing',
  spanProcessors: [
    new BatchSpanProcessor(new ImmutableLogSpanExporter(), { scheduledDelayMillis: 100 }),
  ],
  // The exporter takes the global meter provider; the option `meterProvider` names another one.
  metricReaders: [new PrometheusExporter({ host: '127.0.0.1', port })],
  instrumentations: [],
});
sdk.start();

// Something to count: an invoice is paid every 200 ms.
const tracer = trace.getTracer('billing');
const work = setInterval(() => {
  tracer.startActiveSpan('invoice.paid', (span) => {
    span.end();
  });
}, 200);
console.log(`http://127.0.0.1:${port}/metrics`);

process.once('SIGTERM', () => {
  clearInterval(work);
  sdk.shutdown().catch(console.error);
});
