import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/**
 * The parts of the OpenTelemetry SDK that are used here, as both lines (2.x and 3.x) have them.
 * The SDK is an optional peer: its own types may not be there.
 */
export interface Processor {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Something that can be told to end. */
export interface Stoppable {
  shutdown(): Promise<void>;
}

/** Settings of a batch processor, times in ms; what is undefined is left to the SDK. */
export interface BatchSettings {
  readonly maxExportBatchSize: number | undefined;
  readonly maxQueueSize: number | undefined;
  readonly scheduledDelayMillis: number | undefined;
  readonly exportTimeoutMillis: number | undefined;
}

/** An exporter of the SDK or of this package. */
export interface AnyExporter {
  export(
    records: readonly never[],
    callback: (result: { code: number; error?: Error }) => void,
  ): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Makes a processor for an exporter; see `makeProcessor` for the two forms of it. */
export type ProcessorClass = new (
  options: AnyExporter & { readonly exporter: AnyExporter } & Partial<BatchSettings>,
  settings?: BatchSettings,
) => Processor;

/** Makes an exporter from the environment alone. */
export type ExporterClass = new () => AnyExporter;

/** What `NodeSDK` takes. */
export interface SdkOptions {
  readonly spanProcessors: readonly Processor[];
  readonly logRecordProcessors: readonly Processor[];
  readonly metricReaders?: readonly never[];
  readonly instrumentations: readonly unknown[];
}

/** `@opentelemetry/sdk-node`. */
export interface SdkNode {
  readonly NodeSDK: new (options: SdkOptions) => Stoppable & { start(): void };
  /** Starts from `OTEL_CONFIG_FILE`; not in the oldest versions. */
  readonly startNodeSDK:
    | ((options: { readonly instrumentations: readonly unknown[] }) => Stoppable)
    | undefined;
}

/** What makes processors of one signal. */
export interface ProcessorClasses {
  readonly Batch: ProcessorClass;
  readonly Simple: ProcessorClass;
  readonly ConsoleExporter: ExporterClass;
}

/** A module that was found, and where others are looked for from there. */
export interface FoundModule {
  /** What it exports. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Its file. */
  readonly path: string;
}

/**
 * Loads optional packages, synchronously: the module graph of the entry has no top-level await,
 * so that everything is set up before the first module of the application runs.
 */
export interface ModuleLoader {
  /** The package; `undefined` where it is not installed. Throws what the package itself throws. */
  load(name: string): FoundModule | undefined;
}

/** Folders and files from which the application would find a package, in order. */
export function applicationBases(argv: readonly string[], cwd: string): readonly string[] {
  const [, script] = argv;
  const here = join(cwd, 'package.json');
  return script === undefined ? [here] : [resolve(cwd, script), here];
}

function isNamespace(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function find(name: string, base: string): string | undefined {
  try {
    return createRequire(base).resolve(name);
  } catch {
    return undefined;
  }
}

/** A loader that looks from several files, the first one first. */
export function createModuleLoader(bases: readonly string[]): ModuleLoader {
  return {
    load(name) {
      for (const base of bases) {
        const path = find(name, base);
        if (path === undefined) continue;
        const exports: unknown = createRequire(base)(name);
        if (isNamespace(exports)) return { exports, path };
      }
      return undefined;
    },
  };
}

/** A loader that looks from a module that was found, as the module itself would. */
export function loaderFrom({ path }: FoundModule): ModuleLoader {
  return createModuleLoader([path]);
}

/** The version of a package that `base` would find; `undefined` where there is none. */
export function findVersion(name: string, base: string): string | undefined {
  for (const folder of createRequire(base).resolve.paths(name) ?? []) {
    const file = join(folder, name, 'package.json');
    if (!existsSync(file)) continue;
    const text: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isNamespace(text) && typeof text['version'] === 'string' ? text['version'] : undefined;
  }
  return undefined;
}

/** The SDK of the application. */
export interface LoadedSdk {
  readonly node: SdkNode;
  readonly processors: Readonly<Record<'span' | 'log', ProcessorClasses>>;
  /** Finds what the SDK itself depends on, such as the OTLP exporters. */
  readonly own: ModuleLoader;
}

/** The SDK, or why there is none, in one sentence. */
export type SdkSearch =
  | { readonly ok: true; readonly sdk: LoadedSdk }
  | { readonly ok: false; readonly why: string };

const NAME = '@opentelemetry/sdk-node';

/** Loads `@opentelemetry/sdk-node`, and the processors from the copy that it uses itself. */
export function loadSdk(loader: ModuleLoader): SdkSearch {
  const module = loader.load(NAME);
  if (module === undefined) {
    return { ok: false, why: `${NAME} is not installed (npm install ${NAME})` };
  }
  const own = loaderFrom(module);
  const NodeSDK = exported(module, 'NodeSDK', isSdkClass);
  // The package changed its name within 2.x.
  const trace = own.load('@opentelemetry/sdk-trace') ?? own.load('@opentelemetry/sdk-trace-base');
  const span = processorClasses(trace, 'Span');
  const log = processorClasses(own.load('@opentelemetry/sdk-logs'), 'LogRecord');
  if (NodeSDK === undefined || span === undefined || log === undefined) {
    return { ok: false, why: `${NAME} must be of version 0.200 or later` };
  }
  const startNodeSDK = exported(module, 'startNodeSDK', isStart);
  return { ok: true, sdk: { node: { NodeSDK, startNodeSDK }, processors: { span, log }, own } };
}

function processorClasses(
  module: FoundModule | undefined,
  signal: 'Span' | 'LogRecord',
): ProcessorClasses | undefined {
  const Batch = exported(module, `Batch${signal}Processor`, isProcessorClass);
  const Simple = exported(module, `Simple${signal}Processor`, isProcessorClass);
  const ConsoleExporter = exported(module, `Console${signal}Exporter`, isExporterClass);
  return Batch && Simple && ConsoleExporter && { Batch, Simple, ConsoleExporter };
}

/** A function or class that a module exports; `undefined` where it does not. */
export function exported<T>(
  module: FoundModule | undefined,
  name: string,
  is: (value: unknown) => value is T,
): T | undefined {
  const value: unknown = module?.exports[name];
  return is(value) ? value : undefined;
}

// That such a function takes and gives what is expected here is what all versions of the SDK have
// in common; it cannot be checked.
const isSdkClass = (value: unknown): value is SdkNode['NodeSDK'] => typeof value === 'function';
const isStart = (value: unknown): value is NonNullable<SdkNode['startNodeSDK']> =>
  typeof value === 'function';
const isProcessorClass = (value: unknown): value is ProcessorClass => typeof value === 'function';

/** Whether a value may be the class of an exporter. */
export function isExporterClass(value: unknown): value is ExporterClass {
  return typeof value === 'function';
}

type Callback = (result: { code: number; error?: Error }) => void;

/**
 * Makes a processor of the SDK.
 *
 * The constructors took the exporter and the settings one after the other, and take one object
 * today (logs since 0.220, spans since `@opentelemetry/sdk-trace`). What is handed over here is
 * both: an object with an exporter and settings that can export itself.
 */
export function makeProcessor(
  Class: ProcessorClass,
  exporter: AnyExporter,
  settings?: BatchSettings,
): Processor {
  const both = {
    ...settings,
    exporter,
    export: (records: readonly never[], callback: Callback) => {
      exporter.export(records, callback);
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
  return new Class(both, settings);
}
