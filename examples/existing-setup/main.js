/**
 * An application that sends OTLP already: the ledger is one more entry in the processor lists.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local node examples/existing-setup/main.js
 *
 * With OTEL_EXPORTER_OTLP_ENDPOINT set, the OTLP side goes there; else to a sink in this process.
 */
import { context, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  ImmutableLogClient,
  ImmutableLogLogRecordExporter,
  ImmutableLogSpanExporter,
} from 'opentelemetry-exporter-immutablelog';
import { startOtlpSink } from './otlp-sink.js';

const sink =
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] === undefined ? await startOtlpSink() : undefined;
/** @param {string} path */
const otlp = (path) => (sink === undefined ? {} : { url: `${sink.url}/v1/${path}` });

const resource = resourceFromAttributes({
  'service.name': 'payments',
  'deployment.environment.name': 'staging',
});

// One client for both signals: one set of sockets, one limit, one quota latch.
const client = new ImmutableLogClient();
const spanExporter = new ImmutableLogSpanExporter({ client });
const logExporter = new ImmutableLogLogRecordExporter({ client });

const tracerProvider = new NodeTracerProvider({
  resource,
  spanProcessors: [
    new BatchSpanProcessor(new OTLPTraceExporter(otlp('traces'))),
    new BatchSpanProcessor(spanExporter),
  ],
});
const loggerProvider = new LoggerProvider({
  resource,
  processors: [
    new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(otlp('logs')) }),
    new BatchLogRecordProcessor({ exporter: logExporter }),
  ],
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

// What the application does is the same as before.
const logger = loggerProvider.getLogger('payments');
tracerProvider.getTracer('payments').startActiveSpan('payment.captured', (span) => {
  span.setAttributes({ 'user.id': 'usr_7', 'user.email': 'carla@example.com' });
  logger.emit({
    eventName: 'payment.receipt_sent',
    severityNumber: SeverityNumber.INFO,
    body: 'receipt sent to carla@example.com',
    attributes: { 'payment.id': 'pay_9' },
    context: trace.setSpan(context.active(), span),
  });
  span.end();
});

// allSettled: a backend that is down must not cut the other one short.
await Promise.allSettled([tracerProvider.shutdown(), loggerProvider.shutdown()]);
await client.close();

const sent = client.stats();
console.log(`ledger: ${sent.accepted} of ${sent.emitted} events accepted`);
for (const body of sink?.bodies ?? []) {
  const [path] = body.split(' ', 1);
  console.log(
    `otlp ${path}: ${body.includes('carla@example.com') ? 'raw record, as before' : 'no e-mail address'}`,
  );
}
sink?.close();
if (sent.accepted !== sent.emitted) process.exitCode = 1;
