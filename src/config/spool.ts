import { ExporterError } from '../errors.ts';
import { DEFAULTS } from './defaults.ts';
import { BYTES, requireInteger } from './numbers.ts';
import { requireKnownOptions } from './option-names.ts';
import type { SpoolOptions } from './options.ts';

/** {@link SpoolOptions} checked and merged with the environment. */
export interface SpoolConfig {
  readonly directory: string;
  readonly maxBytes: number;
}

/** Every name of the spool options. */
export const SPOOL_OPTION_NAMES: readonly (keyof SpoolOptions)[] = ['directory', 'maxBytes'];

/**
 * Checks the option `spool`; `undefined` when neither it nor the environment names a directory.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function resolveSpoolConfig(
  given: SpoolOptions | undefined,
  env: SpoolOptions,
): SpoolConfig | undefined {
  const options: unknown = given;
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw new ExporterError('config_invalid', 'spool must be an object with a directory');
  }
  requireKnownOptions(given ?? {}, SPOOL_OPTION_NAMES);
  const directory = given?.directory ?? env.directory;
  if (given === undefined && directory === undefined) return undefined;
  const maxBytes = given?.maxBytes ?? env.maxBytes ?? DEFAULTS.maxBytes;
  return {
    directory: requireDirectory(directory),
    maxBytes: requireInteger('spool.maxBytes', maxBytes, BYTES),
  };
}

function requireDirectory(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new ExporterError('config_invalid', 'spool.directory must be a path; there is no default');
}
