import { ExporterError } from '../errors.ts';
import type { MappingContext } from '../record/context.ts';
import { requireChoice } from '../redact/require-option.ts';
import { DEFAULTS } from './defaults.ts';
import type { Environment } from './env.ts';
import type { LogSelection, SpanSelection } from '../record/select.ts';
import type { MappingOptions } from './options.ts';
import { requireLogSelection, requirePaths, requireSpanSelection } from './selection.ts';

/** {@link MappingOptions} checked, merged with environment and defaults. */
export interface MappingConfig extends Omit<MappingContext, 'now'> {
  readonly spans: SpanSelection;
  readonly logs: LogSelection;
  readonly ignorePaths: readonly string[];
}

function requireName(option: string, value: string | undefined): string | undefined {
  if (value !== undefined && (typeof value !== 'string' || value.trim() === '')) {
    throw new ExporterError('config_invalid', `${option} must be a string that is not empty`);
  }
  return value;
}

/**
 * Checks the mapping options and fills in environment and defaults.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function resolveMappingConfig(
  options: MappingOptions,
  environment: Environment,
): MappingConfig {
  const env = environment.options;
  return Object.freeze({
    service: requireName('service', options.service),
    serviceFallback: environment.serviceFallback,
    env: requireName('env', options.env),
    envFallback: environment.envFallback,
    spans: requireSpanSelection(options.spans ?? env.spans ?? DEFAULTS.spans),
    logs: requireLogSelection(options.logs ?? env.logs ?? DEFAULTS.logs),
    ignorePaths: requirePaths(options.ignorePaths ?? env.ignorePaths ?? DEFAULTS.ignorePaths),
    warningType: requireChoice('warningType', options.warningType ?? DEFAULTS.warningType, [
      'info',
      'warning',
    ]),
    clientIp: requireChoice('clientIp', options.clientIp ?? DEFAULTS.clientIp, ['off', 'raw']),
  });
}
