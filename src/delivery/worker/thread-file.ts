import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Where the file of the thread is, as the package's own exports name it: a bundler moves this file
 * but not that one.
 *
 * @throws Error when the package is not installed where this code runs from.
 */
export function resolveThreadFile(): URL {
  const require = createRequire(import.meta.url);
  return pathToFileURL(require.resolve('opentelemetry-exporter-immutablelog/worker'));
}
