import { announce } from '../runtime/announce.ts';
import { SDK_BATCHES, batchSettings } from './defaults.ts';
import type { LoadedSdk } from './load-sdk.ts';
import { makeProcessor } from './make-processor.ts';
import type { ExporterClass, Processor } from './sdk-types.ts';

/** What differs between the signals. */
interface SignalNames {
  readonly variable: string;
  readonly protocolVariable: string;
  readonly prefix: 'OTEL_BSP' | 'OTEL_BLRP';
  /** Package of the OTLP exporter without the end that names the protocol. */
  readonly otlpPackage: string;
  readonly otlpClass: string;
}

const SIGNALS: Readonly<Record<'span' | 'log', SignalNames>> = {
  span: {
    variable: 'OTEL_TRACES_EXPORTER',
    protocolVariable: 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
    prefix: 'OTEL_BSP',
    otlpPackage: '@opentelemetry/exporter-trace-otlp-',
    otlpClass: 'OTLPTraceExporter',
  },
  log: {
    variable: 'OTEL_LOGS_EXPORTER',
    protocolVariable: 'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL',
    prefix: 'OTEL_BLRP',
    otlpPackage: '@opentelemetry/exporter-logs-otlp-',
    otlpClass: 'OTLPLogExporter',
  },
};

const PROTOCOLS: Readonly<Record<string, string>> = {
  grpc: 'grpc',
  'http/json': 'http',
  'http/protobuf': 'proto',
};

/** Where and for which signal exporters are made. */
export interface OtherExporters {
  readonly signal: 'span' | 'log';
  readonly sdk: LoadedSdk;
  readonly env: NodeJS.ProcessEnv;
}

function isClass(value: unknown): value is ExporterClass {
  return typeof value === 'function';
}

function otlpProcessor({ signal, sdk, env }: OtherExporters): Processor | undefined {
  const { protocolVariable, prefix, otlpPackage, otlpClass } = SIGNALS[signal];
  const protocol = (env[protocolVariable] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? '').trim();
  const ending = PROTOCOLS[protocol === '' ? 'http/protobuf' : protocol] ?? 'proto';
  const Exporter: unknown = sdk.own.load(`${otlpPackage}${ending}`)?.exports[otlpClass];
  if (!isClass(Exporter)) return undefined;
  const settings = batchSettings(prefix, SDK_BATCHES, env);
  const { BatchSpanProcessor, BatchLogRecordProcessor } = sdk.processors;
  const Batch = signal === 'span' ? BatchSpanProcessor : BatchLogRecordProcessor;
  return makeProcessor(Batch, new Exporter(), settings);
}

function consoleProcessor({ signal, sdk }: OtherExporters): Processor {
  const { processors } = sdk;
  return signal === 'span'
    ? makeProcessor(processors.SimpleSpanProcessor, new processors.ConsoleSpanExporter())
    : makeProcessor(processors.SimpleLogRecordProcessor, new processors.ConsoleLogRecordExporter());
}

/**
 * Makes the processors of the exporters that stand beside the ledger, as the SDK makes them from
 * the environment. A name nobody knows costs itself only.
 */
export function otherProcessors(names: readonly string[], where: OtherExporters): Processor[] {
  const processors: Processor[] = [];
  for (const name of names) {
    const processor =
      name === 'console'
        ? consoleProcessor(where)
        : name === 'otlp'
          ? otlpProcessor(where)
          : undefined;
    if (processor !== undefined) processors.push(processor);
    else announce('warn', `${SIGNALS[where.signal].variable} names an exporter that is unknown`);
  }
  return processors;
}
