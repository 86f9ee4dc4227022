/** The shortest registration. To be loaded before the application: `node --import`. */
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  ImmutableLogLogRecordProcessor,
  ImmutableLogSpanProcessor,
  stopOnExit,
} from 'opentelemetry-exporter-immutablelog';

const sdk = new NodeSDK({
  serviceName: 'signup',
  spanProcessors: [new ImmutableLogSpanProcessor()],
  logRecordProcessors: [new ImmutableLogLogRecordProcessor()],
  metricReaders: [],
});
sdk.start();

// Sends what is there on a signal, and when the program has done its work.
stopOnExit(sdk);
