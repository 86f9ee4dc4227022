import { isExporterError } from '../errors.ts';
import { announce } from '../runtime/diagnostics.ts';
import type { StartContext, Started } from './context.ts';
import { asksForLogger, takeVoiceBack } from './context.ts';
import { OWN_BATCHES, SDK_BATCHES, batchSettings } from './own-exporters.ts';
import type {
  ExporterClass,
  FoundModule,
  LoadedSdk,
  ModuleLoader,
  Processor,
  SdkOptions,
} from './sdk.ts';
import { loaderFrom, makeProcessor } from './sdk.ts';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What `OTEL_TRACES_EXPORTER` or `OTEL_LOGS_EXPORTER` asks for. */
export interface ExporterList {
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

interface SyncHooks {
  register(options: HookOptions): void;
  supportsSyncHooks(): boolean;
}

interface HookOptions {
  /** Modules that are left as they are. */
  readonly exclude: readonly RegExp[];
}

// This package needs no instrumentation, and must not be wrapped while it sets things up.
const OPTIONS: HookOptions = {
  exclude: [/[\\/]node_modules[\\/]opentelemetry-exporter-immutablelog[\\/]/],
};

function isSyncHooks(exports: object): exports is SyncHooks {
  return (
    typeof Reflect.get(exports, 'register') === 'function' &&
    typeof Reflect.get(exports, 'supportsSyncHooks') === 'function'
  );
}

/** The hooks that run in the thread of the application; `undefined` where Node or they are older. */
function findSyncHooks(own: ModuleLoader): SyncHooks | undefined {
  try {
    const exports = own.load('import-in-the-middle/register-hooks.mjs')?.exports;
    return exports !== undefined && isSyncHooks(exports) && exports.supportsSyncHooks()
      ? exports
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Lets instrumentations see what ES modules import; what is required they see by themselves.
 * The hook must be of the copy that the instrumentations use, so it is looked for from there.
 */
export function hookEsModules(instrumentations: FoundModule): void {
  const base = loaderFrom(instrumentations).load('@opentelemetry/instrumentation');
  if (base === undefined) return;
  const hooks = findSyncHooks(loaderFrom(base));
  if (hooks !== undefined) hooks.register(OPTIONS);
  else {
    register('@opentelemetry/instrumentation/hook.mjs', {
      parentURL: pathToFileURL(instrumentations.path),
      data: OPTIONS,
    });
  }
}

/** Instrumentations of the application's libraries, and how to name them in a sentence. */
export interface Instrumentations {
  readonly list: readonly unknown[];
  readonly summary: string;
}

type GetInstrumentations = (config: Readonly<Record<string, object>>) => readonly unknown[];

const NAME = '@opentelemetry/auto-instrumentations-node';
/** One span per file, name or socket: no evidence, and every event counts. */
const TOO_FINE = ['fs', 'dns', 'net'];

function isGetter(value: unknown): value is GetInstrumentations {
  return typeof value === 'function';
}

function settings(env: NodeJS.ProcessEnv, origin: string | undefined): Record<string, object> {
  const wanted = (env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] ?? '').split(',').map((n) => n.trim());
  const off = TOO_FINE.filter((name) => !wanted.includes(name));
  const settings: Record<string, object> = {};
  for (const name of off) settings[`@opentelemetry/instrumentation-${name}`] = { enabled: false };
  // Suppressed tracing keeps our requests out of the spans, but not out of the HTTP metrics.
  settings['@opentelemetry/instrumentation-undici'] = {
    ignoreRequestHook: (request: { readonly origin: unknown }) => request.origin === origin,
  };
  return settings;
}

/**
 * Makes the auto-instrumentations, where they are installed, and hooks them into both module
 * systems.
 *
 * @param origin - of the ledger; requests to it are nobody's business but ours
 */
export function loadInstrumentations(
  loader: ModuleLoader,
  env: NodeJS.ProcessEnv,
  origin: string | undefined,
): Instrumentations {
  const module = loader.load(NAME);
  const create: unknown = module?.exports['getNodeAutoInstrumentations'];
  if (module === undefined || !isGetter(create)) {
    return { list: [], summary: `no instrumentations (npm install ${NAME} adds them)` };
  }
  const list = create(settings(env, origin));
  hookEsModules(module);
  return { list, summary: `${list.length} instrumentations` };
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

interface Wishes {
  readonly span: ExporterList;
  readonly log: ExporterList;
}

/** Our processors, by signal. Without a usable key there are none, and a sentence says so. */
function ownProcessors(
  wishes: Wishes,
  { own, sdk, env }: StartContext,
): Record<'span' | 'log', Processor[]> {
  const { BatchSpanProcessor, BatchLogRecordProcessor } = sdk.processors;
  const made: Record<'span' | 'log', Processor[]> = { span: [], log: [] };
  try {
    if (wishes.span.ours) {
      const settings = batchSettings('OTEL_BSP', OWN_BATCHES, env);
      made.span.push(makeProcessor(BatchSpanProcessor, own.create('span', {}), settings));
    }
    if (wishes.log.ours) {
      const settings = batchSettings('OTEL_BLRP', OWN_BATCHES, env);
      made.log.push(makeProcessor(BatchLogRecordProcessor, own.create('log', {}), settings));
    }
  } catch (error) {
    if (!isExporterError(error)) throw error;
    announce('warn', `nothing is sent to ImmutableLog, the application runs on: ${error.message}`);
  }
  return made;
}

function summaryOf(
  made: Record<'span' | 'log', Processor[]>,
  wishes: Wishes,
  rest: string,
): string {
  const signals = [
    ...(made.span.length > 0 ? ['spans'] : []),
    ...(made.log.length > 0 ? ['log records'] : []),
  ];
  const others = [...new Set([...wishes.span.others, ...wishes.log.others])];
  return [
    signals.length > 0 ? `sends ${signals.join(' and ')}` : 'sends nothing itself',
    rest,
    ...(others.length > 0 ? [`other exporters: ${others.join(', ')}`] : []),
  ].join('; ');
}

/** Starts `NodeSDK` as the `OTEL_*` and `IMTBL_*` variables say. */
export function startFromEnvironment(context: StartContext): Started | undefined {
  const { env, sdk, own, loader } = context;
  const wishes: Wishes = {
    span: readExporterList(env['OTEL_TRACES_EXPORTER']),
    log: readExporterList(env['OTEL_LOGS_EXPORTER']),
  };
  const made = ownProcessors(wishes, context);
  const spanProcessors = [
    ...made.span,
    ...otherProcessors(wishes.span.others, { signal: 'span', sdk, env }),
  ];
  const logRecordProcessors = [
    ...made.log,
    ...otherProcessors(wishes.log.others, { signal: 'log', sdk, env }),
  ];
  const processors = [...spanProcessors, ...logRecordProcessors];
  if (processors.length === 0) return undefined;
  const cores = own.cores();
  const origin = cores[0]?.config.endpoint.origin;
  const { list, summary } = loadInstrumentations(loader, env, origin);
  const options: SdkOptions = {
    spanProcessors,
    logRecordProcessors,
    instrumentations: list,
    // The SDK's own default sends metrics to a collector, which nobody asked for.
    ...((env['OTEL_METRICS_EXPORTER'] ?? '').trim() === '' ? { metricReaders: [] } : {}),
  };
  if (asksForLogger(env)) takeVoiceBack();
  const node = new sdk.node.NodeSDK(options);
  node.start();
  return { sdk: node, processors, cores, summary: summaryOf(made, wishes, summary) };
}
