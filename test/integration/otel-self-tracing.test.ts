import { SpanKind, context, propagation, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { metrics as sdkMetrics } from '@opentelemetry/sdk-node';
import type * as HttpModule from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { ImmutableLogClient } from '../../src/index.ts';
import type { OtelSetup } from '../support/otel-setup.ts';
import { API_KEY, startOtel, stopOtel } from '../support/otel-setup.ts';

const { AggregationTemporality, InMemoryMetricExporter } = sdkMetrics;
const { MeterProvider, PeriodicExportingMetricReader } = sdkMetrics;

// The instrumentation patches node:http when it is required after it.
const httpInstrumentation = new HttpInstrumentation({ enabled: false });
const undiciInstrumentation = new UndiciInstrumentation();
const PROPAGATION_HEADERS = ['traceparent', 'tracestate', 'baggage', 'b3'];

/** The program's own, and for each of two requests one of the client and one of the server. */
const SPANS_PER_VISIT = 5;

let setup: OtelSetup;
let visits: number;
let http: typeof HttpModule;
let shop: HttpModule.Server;
let shopUrl: string;
let seenByShop: HttpModule.IncomingHttpHeaders[];
let metricExporter: InstanceType<typeof InMemoryMetricExporter>;
let meterProvider: InstanceType<typeof MeterProvider>;

function portOf(server: { address(): string | AddressInfo | null }): number {
  const address = server.address();
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the server does not listen');
}

beforeEach(async () => {
  metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  meterProvider = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: metricExporter,
        exportIntervalMillis: 60_000,
      }),
    ],
  });
  setup = await startOtel({ exporters: { meterProvider, quotaProbeMs: 20 } });
  httpInstrumentation.setConfig({
    // Ledgers run in this process only because this is a test.
    ignoreIncomingRequestHook: ({ url }) => url === '/v1/events',
  });
  for (const instrumentation of [httpInstrumentation, undiciInstrumentation]) {
    instrumentation.setTracerProvider(trace.getTracerProvider());
    instrumentation.setMeterProvider(meterProvider);
    instrumentation.enable();
  }
  http = createRequire(import.meta.url)('node:http');
  seenByShop = [];
  visits = 0;
  shop = http.createServer((request, response) => {
    seenByShop.push(request.headers);
    response.end('ok');
  });
  await new Promise<void>((resolve) => {
    shop.listen(0, '127.0.0.1', resolve);
  });
  shopUrl = `http://127.0.0.1:${portOf(shop)}/orders`;
});

afterEach(async () => {
  await stopOtel(setup);
  await meterProvider.shutdown();
  httpInstrumentation.disable();
  undiciInstrumentation.disable();
  shop.closeAllConnections();
  shop.close();
});

/** What the program itself does: one request with each client, inside a span of its own. */
async function useTheShop(): Promise<void> {
  await setup.tracer.startActiveSpan('shopping', async (span) => {
    const answer = await fetch(shopUrl);
    await answer.text();
    await new Promise((resolve) => {
      http.get(shopUrl, (response) => response.resume().on('end', resolve));
    });
    setup.logger.emit({ body: 'shopping is done' });
    span.end();
  });
  visits += 1;
  // The instrumentation ends spans when sockets are done with them, a little later.
  await expect.poll(() => setup.spans.length).toBe(visits * SPANS_PER_VISIT);
}

/** Everything of a program that shows that one of its requests was traced. */
function traced(): { readonly shopSpans: number; readonly foreignSpans: readonly string[] } {
  const shopPort = portOf(shop);
  const onTheWire = setup.spans.filter(({ name }) => name !== 'shopping');
  const port = (attributes: Record<string, unknown>): unknown =>
    attributes['server.port'] ?? attributes['net.peer.port'] ?? attributes['net.host.port'];
  const own = onTheWire.filter(({ attributes }) => port(attributes) !== shopPort);
  return {
    shopSpans: onTheWire.length - own.length,
    foreignSpans: own.map(({ name }) => name),
  };
}

function expectUntraced(emulator: Emulator): void {
  for (const { headers } of emulator.requests()) {
    expect(Object.keys(headers).filter((name) => PROPAGATION_HEADERS.includes(name))).toEqual([]);
  }
}

describe('with the HTTP and undici instrumentations at work', () => {
  it('traces the requests of the program and none of its own', async () => {
    await useTheShop();
    await setup.flush();
    await useTheShop();
    await setup.flush();
    expect(traced()).toEqual({ shopSpans: 8, foreignSpans: [] });
    expect(seenByShop.every(({ traceparent }) => typeof traceparent === 'string')).toBe(true);
    expectUntraced(setup.emulator);
    expect(setup.emulator.events()).toHaveLength(setup.spans.length + setup.records.length);
    expect(setup.spans).toHaveLength(10);
  });

  it('traces none of its repetitions, which timers start', async () => {
    setup.emulator.fail({ status: 503, times: 12 });
    await useTheShop();
    await setup.flush();
    expect(setup.spanExporter.stats().retries + setup.logExporter.stats().retries).toBe(12);
    expect(traced()).toEqual({ shopSpans: 4, foreignSpans: [] });
    expectUntraced(setup.emulator);
    expect(setup.emulator.events()).toHaveLength(6);
  });

  it('traces no probe after a used-up quota', async () => {
    setup.emulator.fail({ status: 429, when: ({ body }) => body.includes('"signal\\":\\"log') });
    setup.logger.emit({ body: 'one too many' });
    await setup.flush();
    expect(setup.logExporter.stats().dropped.quota_exhausted).toBe(1);
    await expect
      .poll(async () => {
        setup.logger.emit({ body: 'once more' });
        await setup.flush();
        return setup.logExporter.stats().accepted;
      })
      .toBeGreaterThan(0);
    expect(traced()).toEqual({ shopSpans: 0, foreignSpans: [] });
    expectUntraced(setup.emulator);
  });

  it('traces no flush that the program asks for inside a span of its own', async () => {
    const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
    await context.with(propagation.setBaggage(context.active(), baggage), () =>
      setup.tracer.startActiveSpan('flushing', async (span) => {
        setup.logger.emit({ body: 'inside' });
        await setup.flush();
        span.end();
      }),
    );
    expect(setup.emulator.events()).toHaveLength(1);
    expect(setup.spans.map(({ name }) => name)).toEqual(['flushing']);
    expectUntraced(setup.emulator);
  });

  it('traces no event that the program sends through the client inside a span', async () => {
    const ledger = await createEmulator();
    const client = new ImmutableLogClient({ apiKey: API_KEY, url: ledger.url });
    await setup.tracer.startActiveSpan('sending', async (span) => {
      await client.send({ eventName: 'user.created', payload: { user_id: 'usr_1' } });
      span.end();
    });
    expect(setup.spans.map(({ name }) => name)).toEqual(['sending']);
    expect(ledger.events()[0]?.traceId).toBe(setup.spans[0]?.spanContext().traceId);
    expectUntraced(ledger);
    await client.close();
    await ledger.close();
  });

  it('traces no request that an apiKey function makes for it', async () => {
    const ledger = await createEmulator();
    const client = new ImmutableLogClient({
      url: ledger.url,
      apiKey: async () => {
        await fetch(shopUrl);
        return API_KEY;
      },
    });
    await setup.tracer.startActiveSpan('sending', async (span) => {
      await client.send({ eventName: 'user.created', payload: {} });
      span.end();
    });
    expect(setup.spans.filter(({ kind }) => kind === SpanKind.CLIENT)).toEqual([]);
    expect(seenByShop.map(({ traceparent }) => traceparent)).toEqual([undefined]);
    await client.close();
    await ledger.close();
  });

  it('counts its exports in the metrics of the program', async () => {
    await useTheShop();
    await setup.flush();
    await meterProvider.forceFlush();
    const all = metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    const found = new Map(
      all.flatMap(({ metrics }) => metrics).map((metric) => [metric.descriptor.name, metric]),
    );
    const exported = found.get('otel.sdk.exporter.span.exported');
    expect(exported?.dataPoints.map(({ value }) => value)).toEqual([5]);
    expect(found.get('otel.sdk.exporter.log.exported')?.dataPoints[0]?.value).toBe(1);
    expect(found.get('otel.sdk.exporter.span.inflight')?.dataPoints[0]?.value).toBe(0);
  });
});
