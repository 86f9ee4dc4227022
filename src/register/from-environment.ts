import { announce } from '../runtime/diagnostics.ts';
import type { BatchSettings, Processor, SdkOptions } from './sdk.ts';
import { exported, isExporterClass, makeProcessor } from './sdk.ts';
import type { StartContext, Started } from './start.ts';
import {
  asksForLogger,
  destinationOf,
  loadInstrumentations,
  makeOwn,
  removeDiagLogger,
} from './start.ts';

/** Starts `NodeSDK` as the `OTEL_*` and `IMTBL_*` variables say. */
export function startFromEnvironment(context: StartContext): Started | undefined {
  const { env, sdk, own } = context;
  const wanted = {
    span: readExporterList(env[SIGNALS.span.variable]),
    log: readExporterList(env[SIGNALS.log.variable]),
  };
  const made = ownProcessors(wanted, context);
  const spanProcessors = [...made.span, ...otherProcessors('span', wanted.span.others, context)];
  const logRecordProcessors = [...made.log, ...otherProcessors('log', wanted.log.others, context)];
  const processors = [...spanProcessors, ...logRecordProcessors];
  if (processors.length === 0) return undefined;
  const instrumentations = loadInstrumentations(context);
  const options: SdkOptions = {
    spanProcessors,
    logRecordProcessors,
    instrumentations: instrumentations.list,
    // The SDK's own default sends metrics to a collector, which nobody asked for.
    ...((env['OTEL_METRICS_EXPORTER'] ?? '').trim() === '' ? { metricReaders: [] } : {}),
  };
  if (asksForLogger(env)) removeDiagLogger();
  const node = new sdk.node.NodeSDK(options);
  node.start();
  const to = destinationOf(own.cores());
  const summary = summaryOf(made, wanted, instrumentations.summary, to);
  return { sdk: node, processors, summary };
}

type Signal = 'span' | 'log';

/** What `OTEL_TRACES_EXPORTER` or `OTEL_LOGS_EXPORTER` asks for. */
interface ExporterList {
  /** Whether events go to the ledger. */
  readonly ours: boolean;
  /** The exporters beside it, by their names; without repeats. */
  readonly others: readonly string[];
}

/**
 * Reads such a variable. The ledger is meant unless the value is `none` alone, which turns the
 * signal off; `immutablelog` is understood and is no exporter of the SDK's.
 */
export function readExporterList(value: string | undefined): ExporterList {
  const names = (value ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const named = names.includes('immutablelog');
  const off = names.includes('none');
  return {
    ours: named || !off,
    others: off ? [] : [...new Set(names)].filter((name) => name !== 'immutablelog'),
  };
}

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

/** Our processors, by signal. Without a usable key there are none, and a sentence says so. */
function ownProcessors(
  wanted: Readonly<Record<Signal, ExporterList>>,
  { own }: StartContext,
): Readonly<Record<Signal, readonly Processor[]>> {
  const made: Record<Signal, Processor[]> = { span: [], log: [] };
  makeOwn(() => {
    for (const signal of ['span', 'log'] as const) {
      if (!wanted[signal].ours) continue;
      made[signal].push(own.create(signal, {}));
    }
  });
  return made;
}

/**
 * The processors of the exporters that stand beside the ledger, as the SDK makes them from the
 * environment. A name nobody knows costs itself only.
 */
function otherProcessors(
  signal: Signal,
  names: readonly string[],
  context: StartContext,
): readonly Processor[] {
  const { Simple, ConsoleExporter } = context.sdk.processors[signal];
  const processors: Processor[] = [];
  for (const name of names) {
    if (name === 'console') processors.push(makeProcessor(Simple, new ConsoleExporter()));
    else {
      const processor = name === 'otlp' ? otlpProcessor(signal, context) : undefined;
      if (processor !== undefined) processors.push(processor);
      else announce('warn', `${SIGNALS[signal].variable} names an exporter that is unknown`);
    }
  }
  return processors;
}

function otlpProcessor(signal: Signal, { sdk, env }: StartContext): Processor | undefined {
  const { protocolVariable, prefix, otlpPackage, otlpClass } = SIGNALS[signal];
  const protocol = (env[protocolVariable] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? '').trim();
  const ending = PROTOCOLS[protocol === '' ? 'http/protobuf' : protocol] ?? 'proto';
  const Exporter = exported(sdk.own.load(`${otlpPackage}${ending}`), otlpClass, isExporterClass);
  if (Exporter === undefined) return undefined;
  const settings = batchSettings(prefix, env);
  return makeProcessor(sdk.processors[signal].Batch, new Exporter(), settings);
}

/** The settings as `OTEL_BSP_*` (spans) or `OTEL_BLRP_*` (log records) say. */
export function batchSettings(
  prefix: SignalNames['prefix'],
  env: NodeJS.ProcessEnv,
): BatchSettings {
  const read = (name: string): number | undefined => {
    const value = Number(env[`${prefix}_${name}`]);
    return Number.isInteger(value) && value > 0 ? value : undefined;
  };
  return {
    maxExportBatchSize: read('MAX_EXPORT_BATCH_SIZE'),
    maxQueueSize: read('MAX_QUEUE_SIZE'),
    scheduledDelayMillis: read('SCHEDULE_DELAY'),
    exportTimeoutMillis: read('EXPORT_TIMEOUT'),
  };
}

function summaryOf(
  made: Readonly<Record<Signal, readonly Processor[]>>,
  wanted: Readonly<Record<Signal, ExporterList>>,
  rest: string,
  to: string,
): string {
  const signals = [
    ...(made.span.length > 0 ? ['spans'] : []),
    ...(made.log.length > 0 ? ['log records'] : []),
  ];
  const others = [...new Set([...wanted.span.others, ...wanted.log.others])];
  return [
    signals.length > 0 ? `sends ${signals.join(' and ')} ${to}` : 'sends nothing itself',
    rest,
    ...(others.length > 0 ? [`other exporters: ${others.join(', ')}`] : []),
  ].join('; ');
}
