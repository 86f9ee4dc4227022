import { hookEsModules } from './esm-hook.ts';
import type { ModuleLoader } from './modules.ts';

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
