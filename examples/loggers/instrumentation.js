/** OpenTelemetry for three loggers, loaded before the application: `node --import`. */
import { register } from 'node:module';
import { ConsoleInstrumentation } from '@opentelemetry/instrumentation-console';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { WinstonInstrumentation } from '@opentelemetry/instrumentation-winston';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  ImmutableLogClient,
  ImmutableLogLogRecordProcessor,
  ImmutableLogSpanProcessor,
  stopOnExit,
} from 'opentelemetry-exporter-immutablelog';

// Lets the instrumentations patch what the application loads by `import`.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

const client = new ImmutableLogClient();
const sdk = new NodeSDK({
  serviceName: 'accounts',
  spanProcessors: [new ImmutableLogSpanProcessor({ client, spans: 'entry' })],
  logRecordProcessors: [new ImmutableLogLogRecordProcessor({ client, logs: 'info' })],
  metricReaders: [],
  instrumentations: [
    new PinoInstrumentation(),
    new WinstonInstrumentation(), // sends by @opentelemetry/winston-transport
    new ConsoleInstrumentation(),
  ],
});
sdk.start();

stopOnExit(sdk, client); // a client you made is yours to close
