/** OpenTelemetry for three loggers, loaded before the application: `node --import`. */
import { register } from 'node:module';
import { ConsoleInstrumentation } from '@opentelemetry/instrumentation-console';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { WinstonInstrumentation } from '@opentelemetry/instrumentation-winston';
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  ImmutableLogClient,
  ImmutableLogLogRecordExporter,
  ImmutableLogSpanExporter,
} from 'opentelemetry-exporter-immutablelog';

// Lets the instrumentations patch what the application loads by `import`.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

const client = new ImmutableLogClient();
const sdk = new NodeSDK({
  serviceName: 'accounts',
  traceExporter: new ImmutableLogSpanExporter({ client, spans: 'entry' }),
  logRecordProcessors: [
    new BatchLogRecordProcessor({
      exporter: new ImmutableLogLogRecordExporter({ client, logs: 'info' }),
    }),
  ],
  metricReaders: [],
  instrumentations: [
    new PinoInstrumentation(),
    new WinstonInstrumentation(), // sends by @opentelemetry/winston-transport
    new ConsoleInstrumentation(),
  ],
});
sdk.start();

async function end() {
  await sdk.shutdown().catch(console.error);
  await client.close(); // a client you made is yours to close
}
process.once('beforeExit', () => void end());
