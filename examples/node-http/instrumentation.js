/** OpenTelemetry for the application, loaded before it: `node --import`. */
import { register } from 'node:module';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { ImmutableLogSpanProcessor, stopOnExit } from 'opentelemetry-exporter-immutablelog';

// Lets the instrumentations patch what the application loads by `import`.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

const sdk = new NodeSDK({
  serviceName: 'orders',
  spanProcessors: [
    new ImmutableLogSpanProcessor({
      spans: 'entry', // one event per request, not one per middleware
      ignorePaths: ['/health', '/internal'],
    }),
  ],
  metricReaders: [],
  instrumentations: [
    new HttpInstrumentation({
      // The id that a proxy gave; the ledger's own request_id is the trace id.
      headersToSpanAttributes: { server: { requestHeaders: ['x-request-id'] } },
    }),
  ],
});
sdk.start();

// Sends what is there on a signal, and when the last request has ended.
stopOnExit(sdk);
