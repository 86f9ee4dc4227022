import process from 'node:process';
import type { ClientCore } from '../core.ts';
import { isExporterError } from '../errors.ts';
import { announce } from '../runtime/diagnostics.ts';
import type { OwnProcessors } from './own-processors.ts';
import type { FoundModule, LoadedSdk, ModuleLoader, Processor, Stoppable } from './sdk.ts';
import { exported, loaderFrom } from './sdk.ts';
import type { DiagLogger } from '@opentelemetry/api';
import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What a start has to go by, be it from the variables or from a file. */
export interface StartContext {
  readonly env: NodeJS.ProcessEnv;
  readonly loader: ModuleLoader;
  readonly sdk: LoadedSdk;
  readonly own: OwnProcessors;
}

/** A set-up that runs. */
export interface Started {
  readonly sdk: Stoppable;
  /** Ours and those beside it, as far as they are known. */
  readonly processors: readonly Processor[];
  /** What was set up, in one sentence; `undefined` where that was said already. */
  readonly summary: string | undefined;
}

const LEVELS: Readonly<Record<string, DiagLogLevel>> = {
  NONE: DiagLogLevel.NONE,
  ERROR: DiagLogLevel.ERROR,
  WARN: DiagLogLevel.WARN,
  INFO: DiagLogLevel.INFO,
  DEBUG: DiagLogLevel.DEBUG,
  VERBOSE: DiagLogLevel.VERBOSE,
  ALL: DiagLogLevel.ALL,
};

/** Whether `OTEL_LOG_LEVEL` asks the SDK for its own logger. */
export function asksForLogger(env: NodeJS.ProcessEnv): boolean {
  return (env['OTEL_LOG_LEVEL']?.trim() ?? '') !== '';
}

/**
 * Sets a logger for `diag` until the SDK brings its own: nobody wrote code here that would have,
 * and a set-up that fails must say so.
 */
export function setDiagLogger(env: NodeJS.ProcessEnv): void {
  if (!asksForLogger(env)) {
    diag.setLogger(STDERR_LOGGER, { logLevel: DiagLogLevel.INFO });
    return;
  }
  const level = env['OTEL_LOG_LEVEL']?.trim().toUpperCase() ?? '';
  diag.setLogger(new DiagConsoleLogger(), { logLevel: LEVELS[level] ?? DiagLogLevel.INFO });
}

/** Removes it, right before the SDK starts, which warns when it finds another than its own. */
export function removeDiagLogger(): void {
  diag.disable();
}

function write(message: string, ...rest: readonly unknown[]): void {
  const words = [message, ...rest].map((part) => (part instanceof Error ? part.message : part));
  process.stderr.write(`${words.map(String).join(' ')}\n`);
}

// Standard output belongs to the application, and may be read by a program.
const STDERR_LOGGER: DiagLogger = {
  error: write,
  warn: write,
  info: write,
  debug: write,
  verbose: write,
};

/** Makes what needs usable options; without them a sentence says so, and the result is undefined. */
export function makeOwn<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!isExporterError(error)) throw error;
    announce('warn', `nothing is sent to ImmutableLog, the application runs on: ${error.message}`);
    return undefined;
  }
}

/** Where our exporters send to, for the sentence of the start. */
export function destinationOf(cores: readonly ClientCore[]): string {
  const places = cores.map(({ config }) =>
    config.withheld === undefined ? config.endpoint.origin : 'nowhere until that is put right',
  );
  return `to ${places.length === 0 ? 'nowhere' : [...new Set(places)].join(' and ')}`;
}

/** Instrumentations of the application's libraries, and how to name them in a sentence. */
export interface Instrumentations {
  readonly list: readonly unknown[];
  readonly summary: string;
}

type GetInstrumentations = (config: Readonly<Record<string, object>>) => readonly unknown[];

function isGetter(value: unknown): value is GetInstrumentations {
  return typeof value === 'function';
}

const NAME = '@opentelemetry/auto-instrumentations-node';
/** One span per file, name or socket: no evidence, and every event counts. */
const TOO_FINE = ['fs', 'dns', 'net'];

/**
 * Makes the auto-instrumentations, where they are installed, and hooks them into both module
 * systems.
 */
export function loadInstrumentations({ loader, env, own }: StartContext): Instrumentations {
  const module = loader.load(NAME);
  const create = exported(module, 'getNodeAutoInstrumentations', isGetter);
  if (module === undefined || create === undefined) {
    return { list: [], summary: `no instrumentations (npm install ${NAME} adds them)` };
  }
  const list = create(settings(env, own.cores()[0]?.config.endpoint.origin));
  hookEsModules(module);
  return { list, summary: `${list.length} instrumentations` };
}

function settings(env: NodeJS.ProcessEnv, ledger: string | undefined): Record<string, object> {
  const wanted = (env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] ?? '').split(',').map((n) => n.trim());
  const off = TOO_FINE.filter((name) => !wanted.includes(name));
  const settings: Record<string, object> = {};
  for (const name of off) settings[`@opentelemetry/instrumentation-${name}`] = { enabled: false };
  // Suppressed tracing keeps our requests out of the spans, but not out of the HTTP metrics.
  settings['@opentelemetry/instrumentation-undici'] = {
    ignoreRequestHook: (request: { readonly origin: unknown }) => request.origin === ledger,
  };
  return settings;
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
function hookEsModules(instrumentations: FoundModule): void {
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
