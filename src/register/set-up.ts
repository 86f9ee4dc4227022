import { readEnvironment } from '../config/environment.ts';
import { CLIENT } from '../config/option-table.ts';
import { isExporterError } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { endsWithin } from '../runtime/clock.ts';
import { announce } from '../runtime/diagnostics.ts';
import type { StartContext, Started } from './context.ts';
import { lendVoice } from './context.ts';
import type { Endings } from './endings.ts';
import { drain } from './endings.ts';
import { startFromEnvironment } from './from-environment.ts';
import type { ConfigFile } from './from-file.ts';
import { readConfigFile, startFromFile } from './from-file.ts';
import { foreignLogsWarning, registeredLogs } from './logs-line.ts';
import { OwnExporters } from './own-exporters.ts';
import type { ModuleLoader } from './sdk.ts';
import { findVersion, loadSdk } from './sdk.ts';

/** The process as the set-up sees it. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Finds packages as the application does. */
  readonly loader: ModuleLoader;
  /** Files from which the application finds packages. */
  readonly bases: readonly string[];
  readonly clock: Clock;
  /** Where the global providers are. */
  readonly globals: object;
}

/** The words of an error that are safe to show. */
function wordsOf(error: unknown): string {
  if (isExporterError(error)) return error.message;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const name = error instanceof Error ? error.name : 'an unknown error';
  return typeof code === 'string' ? `${name} ${code}` : name;
}

function versionFor(name: string, bases: readonly string[]): string | undefined {
  for (const base of bases) {
    const version = findVersion(name, base);
    if (version !== undefined) return version;
  }
  return undefined;
}

function warnOfForeignLogs({ globals, bases }: Surroundings): void {
  const { apiLogs, api } = registeredLogs(globals);
  const warning = foreignLogsWarning({
    listening: api ? 'api' : apiLogs ? 'api-logs' : 'none',
    apiVersion: versionFor('@opentelemetry/api', bases),
    apiLogsVersion: versionFor('@opentelemetry/api-logs', bases),
  });
  if (warning !== undefined) announce('warn', warning);
}

function endingsOf(started: Started, { clock }: Surroundings): Endings {
  const { sdk, processors, cores } = started;
  const budgets = cores.map(({ config }) => config.shutdownTimeoutMs);
  return {
    budgetMs: Math.max(...budgets, cores.length === 0 ? CLIENT.shutdownTimeoutMs.preset : 0),
    flush: (ms) => {
      const flushed = Promise.allSettled(processors.map(async (each) => each.forceFlush()));
      return endsWithin(clock, flushed, { ms, hold: 'process' });
    },
    drain: (budgetMs) => {
      const client = {
        finish: () => {
          for (const core of cores) core.finish();
        },
        close: async (withinMs: number) => {
          await Promise.all(cores.map((core) => core.close(withinMs)));
        },
      };
      return drain({ parts: [sdk, ...processors], client, budgetMs }, clock);
    },
  };
}

/** Starts from the file or from the variables; `undefined` when there is nothing to start. */
function start(surroundings: Surroundings): Started | undefined {
  const { env, loader } = surroundings;
  const search = loadSdk(loader);
  if (!search.ok) {
    announce('warn', `${search.why}; the application runs on without telemetry`);
    return undefined;
  }
  const own = new OwnExporters(readEnvironment(env));
  const context: StartContext = { env, loader, sdk: search.sdk, own };
  const path = env['OTEL_CONFIG_FILE']?.trim() ?? '';
  if (path === '') return startFromEnvironment(context);
  return startFromFile(configFile(path, context), context);
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

/**
 * Sets OpenTelemetry up with the exporters of this package. Never throws: an application must
 * not fail because nobody watches it.
 *
 * @returns how to end it; `undefined` when nothing was started
 */
export function setUp(surroundings: Surroundings): Endings | undefined {
  const { env } = surroundings;
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return undefined;
  lendVoice(env);
  try {
    const started = start(surroundings);
    if (started === undefined) return undefined;
    announce('info', started.summary);
    warnOfForeignLogs(surroundings);
    return endingsOf(started, surroundings);
  } catch (error) {
    announce('warn', `the set-up failed, the application runs on: ${wordsOf(error)}`);
    return undefined;
  }
}
