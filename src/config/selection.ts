import { ExporterError } from '../errors.ts';
import { requireChoice } from '../redact/require-option.ts';
import type { LogSelection, SpanSelection } from '../record/select.ts';

/** The words `spans` takes. */
export const SPAN_CHOICES = ['all', 'entry', 'none'] as const;
/** The words `logs` takes. */
export const LOG_CHOICES = [
  'all',
  'none',
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
] as const;

/**
 * Checks the option `spans`.
 *
 * @throws ExporterError `config_invalid`.
 */
export function requireSpanSelection(value: SpanSelection): SpanSelection {
  return typeof value === 'function' ? value : requireChoice('spans', value, SPAN_CHOICES);
}

/**
 * Checks the option `logs`.
 *
 * @throws ExporterError `config_invalid`.
 */
export function requireLogSelection(value: LogSelection): LogSelection {
  return typeof value === 'function' ? value : requireChoice('logs', value, LOG_CHOICES);
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('/');
}

/**
 * Checks the option `ignorePaths`.
 *
 * @throws ExporterError `config_invalid`.
 */
export function requirePaths(value: readonly string[]): readonly string[] {
  const given: unknown = value;
  if (Array.isArray(given) && given.every(isPath)) return given;
  throw new ExporterError(
    'config_invalid',
    'ignorePaths must be an array of paths that start with /',
  );
}
