/** OpenTelemetry for the consumer, loaded before it: `node --import`. */
import { NodeSDK } from '@opentelemetry/sdk-node';
import { ImmutableLogSpanExporter } from 'opentelemetry-exporter-immutablelog';

const sdk = new NodeSDK({
  serviceName: 'order-consumer',
  traceExporter: new ImmutableLogSpanExporter({ spans: 'entry' }), // one event per message
  metricReaders: [],
  instrumentations: [],
});
sdk.start();

// Comes when the connection is drained and the last message has its span.
process.once('beforeExit', () => {
  sdk.shutdown().catch(console.error);
});
