import { context, diag, metrics, propagation, trace } from '@opentelemetry/api';
import type { Logger } from '@opentelemetry/api-logs';
import type { Tracer } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import type { Resource } from '@opentelemetry/resources';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createEmulator } from '../../src/emulator/index.ts';
import type { Emulator, EmulatorOptions } from '../../src/emulator/index.ts';
import type { ImmutableLogOptions } from '../../src/index.ts';
import { ImmutableLogLogRecordExporter, ImmutableLogSpanExporter } from '../../src/index.ts';

/** A key as the ledger issues it; nothing is behind it. */
export const API_KEY = 'iml_live_9f3kq27zt1_integration';

/** A program with both exporters on the SDK's batch processors, and a witness beside each. */
export interface OtelSetup {
  readonly emulator: Emulator;
  readonly spanExporter: ImmutableLogSpanExporter;
  readonly logExporter: ImmutableLogLogRecordExporter;
  readonly tracer: Tracer;
  readonly logger: Logger;
  /** Every ended span that the SDK handed to its processors. */
  readonly spans: readonly ReadableSpan[];
  /** Every log record that the SDK handed to its processors. */
  readonly records: readonly ReadableLogRecord[];
  flush(): Promise<void>;
  /** Shuts both providers down; resolves whatever their processors say. */
  shutdown(): Promise<void>;
}

/** What a test may choose. */
export interface OtelSetupOptions {
  readonly emulator?: EmulatorOptions;
  readonly exporters?: ImmutableLogOptions;
  readonly resource?: Resource;
  readonly spanProcessors?: (exporter: ImmutableLogSpanExporter) => SpanProcessor[];
  readonly logProcessors?: (exporter: ImmutableLogLogRecordExporter) => LogRecordProcessor[];
}

/** A span processor that keeps what it is shown. */
export function spanWitness(seen: ReadableSpan[]): SpanProcessor {
  return {
    onStart() {},
    onEnd: (span) => void seen.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

/** So many spans that have ended, of no exporter's yet. */
export function endedSpans(count: number): ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  const provider = new BasicTracerProvider({ spanProcessors: [spanWitness(spans)] });
  for (let index = 0; index < count; index += 1) {
    provider.getTracer('test').startSpan(`span ${index}`).end();
  }
  return spans;
}

/** A log processor that keeps what it is shown. */
export function logWitness(seen: ReadableLogRecord[]): LogRecordProcessor {
  return {
    onEmit: (record) => void seen.push(record),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

/**
 * Options that lead to an emulator, with retries too quick to wait for. What depends on time has
 * more of it than a busy machine needs: an emulator in this process accepts one connection in each
 * turn of an event loop that maps thousands of records meanwhile.
 */
export function exporterOptions(
  emulator: Pick<Emulator, 'url'>,
  options: ImmutableLogOptions = {},
): ImmutableLogOptions {
  return {
    apiKey: API_KEY,
    url: emulator.url,
    retry: { maxRetries: 5, initialDelayMs: 1, maxDelayMs: 10 },
    timeoutMs: 60_000,
    deadlineMs: 120_000,
    shutdownTimeoutMs: 60_000,
    ...options,
  };
}

/** The resource of the sample program. */
export const SAMPLE_RESOURCE: Resource = resourceFromAttributes({
  'service.name': 'checkout',
  'service.version': '4.2.0',
  'deployment.environment.name': 'staging',
  'host.name': 'web-7',
  'process.pid': 4242,
  'process.owner': 'someone',
  'process.command': '/usr/bin/node',
  'process.command_args': ['node', 'server.js', '--flag'],
  'process.executable.name': 'node',
});

// Large enough that no record of a test is lost in front of the exporter, and no export given up.
const PATIENT = { maxQueueSize: 20_000, exportTimeoutMillis: 120_000 };

/** Starts an emulator and a program that exports to it; registers the program's providers globally. */
export async function startOtel(options: OtelSetupOptions = {}): Promise<OtelSetup> {
  const emulator = await createEmulator({ apiKey: API_KEY, ...options.emulator });
  const chosen = exporterOptions(emulator, options.exporters);
  const spanExporter = new ImmutableLogSpanExporter(chosen);
  const logExporter = new ImmutableLogLogRecordExporter(chosen);
  const spans: ReadableSpan[] = [];
  const records: ReadableLogRecord[] = [];
  const resource = options.resource ?? SAMPLE_RESOURCE;
  const tracerProvider = new NodeTracerProvider({
    resource,
    forceFlushTimeoutMillis: PATIENT.exportTimeoutMillis,
    spanProcessors: [
      spanWitness(spans),
      ...(options.spanProcessors?.(spanExporter) ?? [
        new BatchSpanProcessor(spanExporter, PATIENT),
      ]),
    ],
  });
  const loggerProvider = new LoggerProvider({
    resource,
    processors: [
      logWitness(records),
      ...(options.logProcessors?.(logExporter) ?? [
        new BatchLogRecordProcessor({ exporter: logExporter, ...PATIENT }),
      ]),
    ],
  });
  tracerProvider.register();
  logs.setGlobalLoggerProvider(loggerProvider);
  return {
    emulator,
    spanExporter,
    logExporter,
    tracer: tracerProvider.getTracer('checkout-tracer', '1.2.3'),
    logger: loggerProvider.getLogger('checkout-logger', '4.5.6'),
    spans,
    records,
    async flush() {
      await Promise.all([tracerProvider.forceFlush(), loggerProvider.forceFlush()]);
    },
    async shutdown() {
      await Promise.allSettled([tracerProvider.shutdown(), loggerProvider.shutdown()]);
    },
  };
}

/** Ends a program and its emulator, and unregisters everything global. */
export async function stopOtel(setup: OtelSetup | undefined): Promise<void> {
  await setup?.shutdown();
  await setup?.emulator.close();
  resetOtelGlobals();
}

/** Unregisters every global of the OpenTelemetry API. */
export function resetOtelGlobals(): void {
  trace.disable();
  logs.disable();
  metrics.disable();
  propagation.disable();
  context.disable();
  diag.disable();
}
