/**
 * OpenTelemetry for the shop, loaded before it, as by `node --import ./instrumentation.js shop.js`.
 *
 * All but the counting and the report at the end is what an application would have.
 */
import { register } from 'node:module';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  ImmutableLogClient,
  ImmutableLogLogRecordProcessor,
  ImmutableLogSpanProcessor,
} from 'opentelemetry-exporter-immutablelog';

// Lets the instrumentations patch what the shop loads by `import`.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

const client = new ImmutableLogClient();
// One event per request is enough evidence; the spans inside a request stay out.
const spanProcessor = new ImmutableLogSpanProcessor({ client, spans: 'entry' });
const logProcessor = new ImmutableLogLogRecordProcessor({ client });

// Counts that owe nothing to the exporters, to compare theirs with.
const counted = { spans: 0, logs: 0 };
const done = () => Promise.resolve();
const spanCounter = {
  onStart() {},
  onEnd() {
    counted.spans += 1;
  },
  forceFlush: done,
  shutdown: done,
};
const logCounter = {
  onEmit() {
    counted.logs += 1;
  },
  forceFlush: done,
  shutdown: done,
};

const sdk = new NodeSDK({
  resource: resourceFromAttributes({
    'service.name': 'shop',
    'service.version': '1.4.0',
    'deployment.environment.name': 'demo',
  }),
  spanProcessors: [spanCounter, spanProcessor],
  logRecordProcessors: [logCounter, logProcessor],
  metricReaders: [],
  instrumentations: [
    new HttpInstrumentation(),
    new ExpressInstrumentation(),
    new PinoInstrumentation(),
  ],
});
sdk.start();

async function endTelemetry() {
  await sdk.shutdown();
  await client.close();
  process.send?.({
    kind: 'report',
    counted,
    spans: spanProcessor.stats(),
    logs: logProcessor.stats(),
  });
}

// Comes when the shop has closed its server and nothing else is going on.
process.once('beforeExit', () => void endTelemetry());
