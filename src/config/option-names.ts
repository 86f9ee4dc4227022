import { ExporterError } from '../errors.ts';
import type { ClientOptions, MappingOptions } from './options.ts';

/** Every name of the mapping options; another name is a mistake worth an error. */
export const MAPPING_OPTION_NAMES: readonly (keyof MappingOptions)[] = [
  'service',
  'env',
  'spans',
  'logs',
  'ignorePaths',
  'warningType',
  'clientIp',
];

/** Every name of the client options. */
export const CLIENT_OPTION_NAMES: readonly (keyof ClientOptions)[] = [
  'service',
  'env',
  'apiKey',
  'url',
  'allowInsecure',
  'headers',
  'timeoutMs',
  'deadlineMs',
  'retry',
  'concurrency',
  'maxPendingBytes',
  'quotaProbeMs',
  'shutdownTimeoutMs',
  'redact',
  'spool',
  'worker',
  'dispatcher',
  'meterProvider',
  'onReceipt',
  'onDrop',
  'onQuarantine',
];

/**
 * Refuses an option that does not exist: a mistyped name would otherwise be a wish unheard.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function requireKnownOptions(options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new ExporterError('config_invalid', `unknown option ${unknown}`);
  }
}
