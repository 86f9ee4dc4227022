/** The shortest registration. To be loaded before the application: `node --import`. */
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  ImmutableLogLogRecordExporter,
  ImmutableLogSpanExporter,
} from 'opentelemetry-exporter-immutablelog';

const sdk = new NodeSDK({
  serviceName: 'signup',
  traceExporter: new ImmutableLogSpanExporter(),
  logRecordProcessors: [
    new BatchLogRecordProcessor({ exporter: new ImmutableLogLogRecordExporter() }),
  ],
  metricReaders: [],
});
sdk.start();

process.once('beforeExit', () => {
  // It rejects when the last batch was not accepted; the program has done its work all the same.
  sdk.shutdown().catch(console.error);
});
