import { codeOf } from '../errors.ts';
import type { ModuleLoader } from './sdk.ts';
import { loaderFrom } from './sdk.ts';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One `immutablelog:` entry under the processors of a provider. */
export interface OwnEntry {
  readonly signal: 'span' | 'log';
  /** Its place among the processors of its provider. */
  readonly index: number;
  /** `batch` or `simple`. */
  readonly kind: string;
  /** What stands under `immutablelog:`. */
  readonly properties: unknown;
}

/** A configuration file as the SDK understands it. */
export type ConfigFile =
  | {
      readonly kind: 'read';
      /** Whether the file switches the SDK off. */
      readonly disabled: boolean;
      /** Ours. */
      readonly entries: readonly OwnEntry[];
      /** Runs while the variable names a copy of the file in which a placeholder stands for each. */
      withPlaceholders<T>(env: NodeJS.ProcessEnv, run: () => T): T;
    }
  | {
      readonly kind: 'refused';
      /** What the SDK does not like, without values of the file. */
      readonly why: string;
    };

type Table = Readonly<Record<string, unknown>>;

const PROVIDERS = { span: 'tracer_provider', log: 'logger_provider' } as const;
const VARIABLE = 'OTEL_CONFIG_FILE';

function table(value: unknown): Table {
  return isTable(value) ? value : {};
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null;
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

/** A node of the `yaml` package. */
interface YamlScalar {
  value: unknown;
  readonly type?: string;
}
interface YamlDocument {
  toJS(options: { readonly maxAliasCount: number }): unknown;
}
interface Yaml {
  parseDocument(text: string, options: { readonly version: '1.2' }): YamlDocument;
  visit(
    document: YamlDocument,
    visitors: { readonly Scalar: (key: unknown, node: YamlScalar) => void },
  ): void;
  stringify(value: unknown, options: { readonly aliasDuplicateObjects: false }): string;
  readonly Scalar: new (value: unknown) => { type?: string };
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

/**
 * Reads the file that `OTEL_CONFIG_FILE` names, with the parser that the SDK uses itself: what that
 * takes is taken, and what it refuses is refused in its words.
 */
export function readConfigFile(path: string, own: ModuleLoader): ConfigFile {
  const module = own.load('@opentelemetry/configuration');
  const yaml = module && loaderFrom(module).load('yaml')?.exports;
  if (module === undefined || yaml === undefined || !isYaml(yaml)) {
    return { kind: 'refused', why: 'the SDK comes without the parser for it' };
  }
  const { parseConfigFile, createConfigFactory }: Configuration = module.exports;
  try {
    const model = parseConfigFile?.(path) ?? createConfigFactory?.().getConfigModel();
    const entries = findOwnEntries(model);
    return {
      kind: 'read',
      disabled: table(model)['disabled'] === true,
      entries,
      withPlaceholders(env, run) {
        if (entries.length === 0) return run();
        return withFile(copyWithout(entries, readFileSync(path, 'utf8'), yaml), env, run);
      },
    };
  } catch (error) {
    return { kind: 'refused', why: reasonOf(error, path) };
  }
}

/** What keeps our entries in a file from being heard, in one sentence. */
export function obstacleIn(file: ConfigFile): string | undefined {
  if (file.kind === 'refused') {
    return `OTEL_CONFIG_FILE cannot be used (${file.why}); the application runs on without telemetry`;
  }
  if (file.disabled) return 'OTEL_CONFIG_FILE sets nothing up: disabled is true in it';
  if (file.entries.length > 0) return undefined;
  return 'OTEL_CONFIG_FILE has no immutablelog exporter: nothing is sent by this package';
}

/** What the parser says, without the folder of the file and without what it holds. */
function reasonOf(error: unknown, path: string): string {
  const code = codeOf(error);
  if (code !== undefined) return code;
  const [line = ''] =
    error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, ' ').split('\n') : [];
  const words = line.replaceAll(path, 'the file').replaceAll(/\$\{[^}]*\}?/g, '${…}');
  return words.slice(0, MAX_REASON) || 'it cannot be read';
}

const MAX_REASON = 300;

/**
 * The text of the file with placeholders for our entries, its references to the environment
 * unresolved: what stands there may be secret, and the copy is on disk for a moment.
 *
 * It is written anew from what the parser of the SDK makes of the file, which has no aliases any more
 * and no mistakes that it overlooks. Only the texts with references keep their quotes, which decide
 * of what type the value is.
 */
function copyWithout(entries: readonly OwnEntry[], text: string, yaml: Yaml): string {
  const document = yaml.parseDocument(text, { version: '1.2' });
  yaml.visit(document, {
    Scalar(_key, node) {
      const { value, type } = node;
      if (typeof value === 'string' && value.includes('$')) node.value = new Reference(value, type);
    },
  });
  const copy = copied(document.toJS({ maxAliasCount: 100 }), yaml);
  for (const { signal, index, kind } of entries) {
    const processors = table(table(copy)[PROVIDERS[signal]])['processors'];
    const item: unknown = Array.isArray(processors) ? processors[index] : undefined;
    Object.assign(table(table(item)[kind]), { exporter: { console: null } });
  }
  return yaml.stringify(copy, { aliasDuplicateObjects: false });
}

/** A text with references to the environment, as it was written. */
class Reference {
  readonly text: string;
  readonly type: string;

  constructor(text: string, type = 'PLAIN') {
    this.text = text;
    this.type = type === 'PLAIN' ? type : 'QUOTE_DOUBLE';
  }
}

/** Copies what a document holds, each alias apart, so that each entry can be replaced by itself. */
function copied(value: unknown, yaml: Yaml): unknown {
  if (value instanceof Reference) {
    const scalar = new yaml.Scalar(value.text);
    scalar.type = value.type;
    return scalar;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => copied(item, yaml));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, item]) => [key, copied(item, yaml)] as const);
  return Object.fromEntries(members);
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
