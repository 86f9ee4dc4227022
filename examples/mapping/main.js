/**
 * One span and one log record, and the two events they become, as the ledger gets them.
 *
 *   node examples/mapping/main.js
 *
 * The ledger is an emulator in this process; times and ids are fixed, so that every run prints the
 * same bytes.
 */
import { SpanKind, context, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import {
  ImmutableLogClient,
  ImmutableLogLogRecordExporter,
  ImmutableLogSpanExporter,
} from 'opentelemetry-exporter-immutablelog';
import { createEmulator } from 'opentelemetry-exporter-immutablelog/emulator';

const ledger = await createEmulator();
const client = new ImmutableLogClient({ url: ledger.url, apiKey: 'local' });
const resource = resourceFromAttributes({
  'service.name': 'shop',
  'deployment.environment.name': 'production',
});

const tracerProvider = new NodeTracerProvider({
  resource,
  spanProcessors: [new SimpleSpanProcessor(new ImmutableLogSpanExporter({ client }))],
  idGenerator: {
    generateTraceId: () => '5b8efff798038103d269b633813fc60c',
    generateSpanId: () => 'eee19b7ec3c1b174',
  },
});
const loggerProvider = new LoggerProvider({
  resource,
  processors: [
    new SimpleLogRecordProcessor({ exporter: new ImmutableLogLogRecordExporter({ client }) }),
  ],
});

const SECOND = 1_795_446_000;

const span = tracerProvider.getTracer('shop').startSpan('POST /orders', {
  kind: SpanKind.SERVER,
  startTime: [SECOND, 1],
  attributes: {
    'http.request.method': 'POST',
    'http.response.status_code': 201,
    'http.route': '/orders',
    'url.path': '/orders',
    'url.query': 'notify=ana%40example.com',
    'client.address': '198.51.100.7',
    'user.id': 'usr_1',
    'user.email': 'ana@example.com',
  },
});
loggerProvider.getLogger('shop').emit({
  context: trace.setSpan(context.active(), span),
  timestamp: [SECOND, 5_000_000],
  observedTimestamp: [SECOND, 5_100_000],
  eventName: 'order.placed',
  severityNumber: 9,
  severityText: 'INFO',
  body: 'order placed',
  attributes: { 'user.id': 'usr_1', 'order.id': 'ord_1001' },
});
span.end([SECOND, 12_345_679]);

await Promise.all([tracerProvider.shutdown(), loggerProvider.shutdown()]);
await client.close();

const events = ledger.events().map(({ meta, payload }) => ({ meta, payload: JSON.parse(payload) }));
for (const signal of ['span', 'log']) {
  const event = events.find(({ payload }) => payload.signal === signal);
  console.log(JSON.stringify(event, undefined, 2));
}
await ledger.close();
