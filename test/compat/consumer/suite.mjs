// Uses the installed package with the SDK of its line: NodeSDK, spans and log records through
// batch processors, an outage, shutdown. Prints what the ledger has, as JSON; it must be the same
// with both lines. Argument: the line, 2 or 3.
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  ImmutableLogClient,
  ImmutableLogLogRecordExporter,
  ImmutableLogSpanExporter,
} from 'opentelemetry-exporter-immutablelog';
import { createEmulator } from 'opentelemetry-exporter-immutablelog/emulator';

const COUNT = 300;
const line = Number(process.argv[2]);
const { logs, SeverityNumber } = await import(
  line === 2 ? '@opentelemetry/api-logs' : '@opentelemetry/api'
);
const { BatchSpanProcessor } = await import(
  line === 2 ? '@opentelemetry/sdk-trace-base' : '@opentelemetry/sdk-trace'
);

const ledger = await createEmulator({ apiKey: 'local' });
ledger.fail({ status: 503, times: 20 });
const client = new ImmutableLogClient({ url: ledger.url, apiKey: 'local' });
const exporter = new ImmutableLogSpanExporter({ client });
const sdk = new NodeSDK({
  // Resolves late, as cloud detectors do.
  resource: resourceFromAttributes({
    'service.name': 'consumer',
    'deployment.environment.name': Promise.resolve('staging'),
  }),
  autoDetectResources: false,
  spanProcessors: [
    line === 2 ? new BatchSpanProcessor(exporter) : new BatchSpanProcessor({ exporter }),
  ],
  logRecordProcessors: [
    new BatchLogRecordProcessor({ exporter: new ImmutableLogLogRecordExporter({ client }) }),
  ],
  metricReaders: [],
});
sdk.start();

for (let index = 0; index < COUNT; index += 1) {
  trace.getTracer('consumer').startActiveSpan('order.place', (span) => {
    span.setAttributes({ 'user.email': 'ana@example.com', 'order.index': index });
    if (index % 3 === 0) {
      span.recordException(new TypeError('no stock'));
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'no stock' });
    }
    logs.getLogger('consumer').emit({
      eventName: 'order.placed',
      severityNumber: SeverityNumber.INFO,
      body: { order: index, note: 'mail to ana@example.com' },
      attributes: { 'user.id': 'usr_1' },
    });
    span.end();
  });
}
await sdk.shutdown();
await client.close();

const events = ledger.events();
const seen = {};
for (const { type, eventName, service, env } of events) {
  const key = [type, eventName, service, env].join(' ');
  seen[key] = (seen[key] ?? 0) + 1;
}
const traces = (name) =>
  new Set(events.filter((event) => event.eventName === name).map(({ traceId }) => traceId));
const spans = traces('order.place');
const { emitted, accepted, inFlight } = client.stats();
process.stdout.write(
  JSON.stringify({
    seen,
    stats: { emitted, accepted, inFlight },
    correlated: [...traces('order.placed')].every((id) => spans.has(id)) && spans.size === COUNT,
    raw: ledger.requests().some(({ body }) => body.includes('ana@example.com')),
    violations: ledger.violations().filter(({ status }) => status !== 503).length,
    chain: ledger.verify().ok,
  }),
);
await ledger.close();
