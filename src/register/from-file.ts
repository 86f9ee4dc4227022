import { optionsFromProperties } from '../exporters/component-provider.ts';
import { announce } from '../runtime/diagnostics.ts';
import { globalLoggerProvider, globalTracerProvider } from '../runtime/otel-globals.ts';
import type { ModuleLoader, Processor } from './sdk.ts';
import { loaderFrom } from './sdk.ts';
import type { StartContext, Started } from './start.ts';
import { destinationOf, loadInstrumentations, makeOwn, removeDiagLogger } from './start.ts';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Starts the SDK from its configuration file, with our exporters where the file names them.
 * Everything else in the file is the SDK's own business.
 *
 * The SDK (2.12 to 3.1) knows no exporter but its own in such a file. So it is given a copy with a
 * placeholder for each of our entries, and our processors take the places of those afterwards.
 */
export function startFromFile(path: string, context: StartContext): Started | undefined {
  const { startNodeSDK } = context.sdk.node;
  const file = configFile(path, context);
  if (startNodeSDK === undefined) {
    announce('warn', 'this version of the SDK does not read OTEL_CONFIG_FILE; nothing is set up');
    return undefined;
  }
  const made = (file?.entries ?? []).map((entry) => ({
    entry,
    processor: makeOwn(() => processorFor(entry, context)) ?? NOTHING,
  }));
  if (file?.entries.length === 0) {
    announce(
      'warn',
      'OTEL_CONFIG_FILE has no immutablelog exporter: nothing is sent by this package',
    );
  }
  const { list, summary } = loadInstrumentations(context);
  const start = (): Started['sdk'] => startNodeSDK({ instrumentations: list });
  removeDiagLogger();
  const sdk = file === undefined ? start() : file.withPlaceholders(start);
  for (const { entry, processor } of made) adopt(entry, processor);
  return {
    sdk,
    processors: made.map(({ processor }) => processor),
    summary: `started from OTEL_CONFIG_FILE, sends ${destinationOf(context.own.cores())}; ${summary}`,
  };
}

/** The file; `undefined` when it cannot be read. The SDK then says why. */
function configFile(path: string, { env, sdk }: StartContext): ConfigFile | undefined {
  try {
    return readConfigFile(path, env, sdk.own);
  } catch {
    announce('warn', 'OTEL_CONFIG_FILE cannot be used; the application runs on without telemetry');
    return undefined;
  }
}

/** What the entry says of batches is of no account: each record is taken as it comes. */
function processorFor(entry: OwnEntry, { own }: StartContext): Processor {
  return own.create(entry.signal, optionsFromProperties(entry.properties));
}

/** The processor of an entry that cannot be used: what the file says beside it still holds. */
const NOTHING: Processor & Readonly<Record<string, () => unknown>> = {
  onStart: () => undefined,
  onEnd: () => undefined,
  onEmit: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function adopt({ signal, index }: OwnEntry, processor: Processor): void {
  const provider = signal === 'span' ? globalTracerProvider() : globalLoggerProvider();
  if (replaceProcessor(provider, index, processor)) return;
  announce(
    'warn',
    'this version of the SDK does not take the immutablelog entry of OTEL_CONFIG_FILE: leave the ' +
      'file out and use the OTEL_* variables',
  );
}

/** One `immutablelog:` entry under the processors of a provider. */
interface OwnEntry {
  readonly signal: 'span' | 'log';
  /** Its place among the processors of its provider. */
  readonly index: number;
  /** `batch` or `simple`. */
  readonly kind: string;
  /** What stands under `immutablelog:`. */
  readonly properties: unknown;
}

/** A configuration file with our entries found. */
interface ConfigFile {
  readonly entries: readonly OwnEntry[];
  /** Runs with a copy of the file in which a placeholder stands for each entry. */
  withPlaceholders<T>(run: () => T): T;
}

type Table = Readonly<Record<string, unknown>>;

const PROVIDERS = { span: 'tracer_provider', log: 'logger_provider' } as const;
const VARIABLE = 'OTEL_CONFIG_FILE';

function table(value: unknown): Table {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Finds our entries in a parsed file. */
export function findOwnEntries(model: unknown): readonly OwnEntry[] {
  return (['span', 'log'] as const).flatMap((signal) => {
    const processors = table(table(model)[PROVIDERS[signal]])['processors'];
    if (!Array.isArray(processors)) return [];
    return processors.flatMap((item: unknown, index): OwnEntry[] => {
      const [[kind, body] = ['', undefined]] = Object.entries(table(item));
      const processor = table(body);
      const exporter = table(processor['exporter']);
      if (!('immutablelog' in exporter)) return [];
      const properties = exporter['immutablelog'];
      return [{ signal, index, kind, properties }];
    });
  });
}

interface YamlDocument {
  setIn(path: readonly (string | number)[], value: unknown): void;
  toString(): string;
}
interface Yaml {
  parseDocument(text: string, options: { readonly version: '1.2' }): YamlDocument;
}
interface Configuration {
  /** SDK 3.x. */
  readonly parseConfigFile?: (path: string) => unknown;
  /** SDK 2.x; the path is in the environment. */
  readonly createConfigFactory?: () => { getConfigModel(): unknown };
}

function isYaml(exports: object): exports is Yaml {
  return typeof Reflect.get(exports, 'parseDocument') === 'function';
}

function parse(configuration: Configuration, path: string): unknown {
  const { parseConfigFile, createConfigFactory } = configuration;
  return parseConfigFile?.(path) ?? createConfigFactory?.().getConfigModel();
}

/** The text of the file, its references to the environment unresolved, without our entries. */
function withoutEntries(yaml: Yaml, path: string, entries: readonly OwnEntry[]): string {
  const document = yaml.parseDocument(readFileSync(path, 'utf8'), { version: '1.2' });
  for (const { signal, index, kind } of entries) {
    const place = [PROVIDERS[signal], 'processors', index, kind, 'exporter'];
    document.setIn(place, { console: null });
  }
  return document.toString();
}

/** Runs while the variable names a file with the text; the file is gone afterwards. */
function withFile<T>(text: string, env: NodeJS.ProcessEnv, run: () => T): T {
  const before = env[VARIABLE];
  const folder = mkdtempSync(join(tmpdir(), 'immutablelog-'));
  const path = join(folder, 'otel.yaml');
  try {
    writeFileSync(path, text, { mode: 0o600 });
    Reflect.set(env, VARIABLE, path);
    return run();
  } finally {
    Reflect.set(env, VARIABLE, before);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Reads the file that `OTEL_CONFIG_FILE` names, with the parser that the SDK uses itself.
 *
 * Throws what that throws: the SDK then has the same to say about the file. Does the parser of
 * the SDK not come with it, the result is `undefined`.
 */
function readConfigFile(
  path: string,
  env: NodeJS.ProcessEnv,
  own: ModuleLoader,
): ConfigFile | undefined {
  const module = own.load('@opentelemetry/configuration');
  const yaml = module && loaderFrom(module).load('yaml')?.exports;
  if (module === undefined || yaml === undefined || !isYaml(yaml)) return undefined;
  const entries = findOwnEntries(parse(module.exports, path));
  return {
    entries,
    withPlaceholders: (run) =>
      entries.length === 0 ? run() : withFile(withoutEntries(yaml, path, entries), env, run),
  };
}

/**
 * Puts a processor in the place of a placeholder in a provider that the SDK made from a
 * configuration file.
 *
 * It takes processors nowhere but in the constructor of a provider, which it calls itself. The list
 * of processors is no part of its public interface; so its shape is checked, and the answer is
 * whether it was as expected.
 */
export function replaceProcessor(provider: unknown, index: number, processor: Processor): boolean {
  const list = processorList(provider);
  const placeholder = list?.[index];
  if (list === undefined || !isProcessor(placeholder)) return false;
  list[index] = processor;
  void placeholder.shutdown();
  return true;
}

const PATHS = [
  ['_activeSpanProcessor', '_spanProcessors'],
  ['_sharedState', 'activeProcessor', 'processors'],
];

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function processorList(provider: unknown): unknown[] | undefined {
  for (const path of PATHS) {
    const list = path.reduce(member, provider);
    if (isList(list)) return list;
  }
  return undefined;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isProcessor(value: unknown): value is Processor {
  return typeof member(value, 'shutdown') === 'function';
}
