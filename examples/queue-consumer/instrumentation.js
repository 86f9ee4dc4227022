/** OpenTelemetry for the consumer, loaded before it: `node --import`. */
import { NodeSDK } from '@opentelemetry/sdk-node';
import { ImmutableLogSpanProcessor, stopOnExit } from 'opentelemetry-exporter-immutablelog';

const sdk = new NodeSDK({
  serviceName: 'order-consumer',
  spanProcessors: [new ImmutableLogSpanProcessor({ spans: 'entry' })], // one event per message
  metricReaders: [],
  instrumentations: [],
});
sdk.start();

// Sends what is there on a signal, and when the last message has its span.
stopOnExit(sdk);
