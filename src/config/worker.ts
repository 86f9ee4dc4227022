import { ExporterError } from '../errors.ts';
import type { Environment } from './env.ts';
import type { ClientOptions } from './options.ts';

/**
 * Checks the option `worker`.
 *
 * @throws ExporterError `config_invalid` beside a dispatcher: that is an object of the main thread.
 */
export function resolveWorker(
  { worker, dispatcher }: ClientOptions,
  env: boolean | undefined,
): boolean {
  if (worker !== undefined && typeof worker !== 'boolean') {
    throw new ExporterError('config_invalid', 'worker must be true or false');
  }
  if (worker === true && dispatcher !== undefined) {
    throw new ExporterError('config_invalid', 'worker: true and dispatcher do not go together');
  }
  return worker ?? env ?? false;
}

/** The environment without its wish for a worker, where a given dispatcher stands against it. */
export function setWorkerAside(
  environment: Environment,
  { worker, dispatcher }: ClientOptions,
): Environment {
  if (worker !== undefined || dispatcher === undefined || environment.options.worker !== true) {
    return environment;
  }
  const ignored = { variable: 'IMTBL_WORKER', expected: 'no option dispatcher beside it' };
  return {
    ...environment,
    options: { ...environment.options, worker: false },
    ignored: [...environment.ignored, ignored],
  };
}
