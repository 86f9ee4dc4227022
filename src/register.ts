/**
 * Sets OpenTelemetry up for an application that knows nothing of it, before its first module runs:
 * `node --import opentelemetry-exporter-immutablelog/register app.js`.
 *
 * Everything comes from the environment (`IMTBL_*`, `OTEL_*`). It never fails: what stands in the
 * way is said in one sentence, and the application runs on.
 *
 * @packageDocumentation
 */
import process from 'node:process';
import { applicationBases, createModuleLoader } from './register/sdk.ts';
import { setUp } from './register/set-up.ts';
import { systemClock } from './runtime/clock.ts';
import type { Endings } from './runtime/endings.ts';
import { processGuard } from './runtime/endings.ts';
import { ownFile } from './runtime/process.ts';
import { isMainThread } from 'node:worker_threads';

export { logRecordExporterProvider, spanExporterProvider } from './exporters/component-provider.ts';
export type { ComponentProvider } from './exporters/component-provider.ts';

const DONE = Symbol.for('opentelemetry-exporter-immutablelog.register');

function registerOnce(): Endings | undefined {
  // A worker thread inherits the flag; one set-up per process is what the signals expect.
  if (!isMainThread || Reflect.has(globalThis, DONE)) return undefined;
  Object.defineProperty(globalThis, DONE, { value: true });
  const bases = [...applicationBases(process.argv, process.cwd()), ownFile()];
  const endings = setUp({
    env: process.env,
    loader: createModuleLoader(bases),
    bases,
    clock: systemClock,
    globals: globalThis,
  });
  if (endings !== undefined) processGuard().add(endings);
  return endings;
}

const endings = registerOnce();

/**
 * Sends everything recorded so far. For applications with a signal handler of their own that
 * ends in `process.exit()`: await this before it.
 *
 * @returns whether everything was settled within `shutdownTimeoutMs` and nothing was lost since the
 * last call; `true` where nothing was set up
 */
export async function flush(): Promise<boolean> {
  return endings === undefined || endings.flushAndTell(endings.budgetMs);
}
