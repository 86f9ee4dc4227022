import { readEnvironment } from '../config/environment.ts';
import { isExporterError } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { announce, hasLogger } from '../runtime/diagnostics.ts';
import { Endings } from '../runtime/endings.ts';
import { openClients } from '../runtime/open-clients.ts';
import { foreignLogsWarning, registeredLogs } from '../runtime/otel-globals.ts';
import { startFromEnvironment } from './from-environment.ts';
import { startFromFile } from './from-file.ts';
import { OwnProcessors } from './own-processors.ts';
import type { ModuleLoader } from './sdk.ts';
import { findVersion, loadSdk } from './sdk.ts';
import type { Started } from './start.ts';
import { setDiagLogger } from './start.ts';

/** The process as the set-up sees it. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  /** Finds packages as the application does. */
  readonly loader: ModuleLoader;
  /** Files from which the application finds packages. */
  readonly bases: readonly string[];
  readonly clock: Clock;
  /** Where the global providers are. */
  readonly globals: object;
}

/**
 * Sets OpenTelemetry up with the exporters of this package. Never throws: an application must
 * not fail because nobody watches it.
 *
 * @returns how to end it; `undefined` when nothing was started
 */
export function setUp(host: Host): Endings | undefined {
  if (host.env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return undefined;
  setDiagLogger(host.env);
  try {
    const started = start(host);
    if (started === undefined) return undefined;
    if (started.summary !== undefined) announce('info', started.summary);
    warnOfForeignLogs(host);
    const things = [started.sdk, ...started.processors];
    return new Endings({ things, clients: openClients }, host.clock);
  } catch (error) {
    if (!hasLogger()) setDiagLogger(host.env);
    announce('warn', `the set-up failed, the application runs on: ${wordsOf(error)}`);
    return undefined;
  }
}

/** Starts from the file or from the variables; `undefined` when there is nothing to start. */
function start({ env, loader }: Host): Started | undefined {
  const search = loadSdk(loader);
  if (!search.ok) {
    announce('warn', `${search.why}; the application runs on without telemetry`);
    return undefined;
  }
  const own = new OwnProcessors(readEnvironment(env));
  const context = { env, loader, sdk: search.sdk, own };
  const path = env['OTEL_CONFIG_FILE']?.trim() ?? '';
  return path === '' ? startFromEnvironment(context) : startFromFile(path, context);
}

/** The words of an error that are safe to show. */
function wordsOf(error: unknown): string {
  if (isExporterError(error)) return error.message;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const name = error instanceof Error ? error.name : 'an unknown error';
  return typeof code === 'string' ? `${name} ${code}` : name;
}

function warnOfForeignLogs({ globals, bases }: Host): void {
  const { apiLogs, api } = registeredLogs(globals);
  const warning = foreignLogsWarning({
    listening: api ? 'api' : apiLogs ? 'api-logs' : 'none',
    apiVersion: versionFor('@opentelemetry/api', bases),
    apiLogsVersion: versionFor('@opentelemetry/api-logs', bases),
  });
  if (warning !== undefined) announce('warn', warning);
}

function versionFor(name: string, bases: readonly string[]): string | undefined {
  for (const base of bases) {
    const version = findVersion(name, base);
    if (version !== undefined) return version;
  }
  return undefined;
}
