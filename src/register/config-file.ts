import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatchSettings } from './defaults.ts';
import { OWN_BATCHES } from './defaults.ts';
import type { ModuleLoader } from './modules.ts';
import { loaderFrom } from './modules.ts';

/** One `immutablelog:` entry under the processors of a provider. */
export interface OwnEntry {
  readonly signal: 'span' | 'log';
  /** Its place among the processors of its provider. */
  readonly index: number;
  /** `batch` or `simple`. */
  readonly kind: string;
  readonly settings: BatchSettings;
  /** What stands under `immutablelog:`. */
  readonly properties: unknown;
}

/** A configuration file with our entries found. */
export interface ConfigFile {
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

function positive(value: unknown, otherwise: number | undefined): number | undefined {
  return typeof value === 'number' && value > 0 ? value : otherwise;
}

function settingsOf(processor: Table): BatchSettings {
  return {
    maxExportBatchSize: positive(
      processor['max_export_batch_size'],
      OWN_BATCHES.maxExportBatchSize,
    ),
    maxQueueSize: positive(processor['max_queue_size'], OWN_BATCHES.maxQueueSize),
    scheduledDelayMillis: positive(processor['schedule_delay'], OWN_BATCHES.scheduledDelayMillis),
    exportTimeoutMillis: positive(processor['export_timeout'], OWN_BATCHES.exportTimeoutMillis),
  };
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
      return [{ signal, index, kind, settings: settingsOf(processor), properties }];
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
export function readConfigFile(
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
