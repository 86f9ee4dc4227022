import { DEFAULTS } from '../../config/defaults.ts';
import { readEnvironment } from '../../config/env.ts';
import type { CommandIo } from '../command.ts';
import { loadRedactKey } from '../redact-key.ts';
import type { Finding } from './packages-check.ts';

/** A value in words that give no secret away. */
function shown(option: string, value: unknown): string {
  if (option === 'apiKey') return 'set (hidden)';
  if (option === 'headers' && typeof value === 'object' && value !== null) {
    return `${Object.keys(value).join(', ')} (values hidden)`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function redactRow(env: CommandIo['env']): readonly string[] {
  const loaded = loadRedactKey(env);
  if (!loaded.ok) return ['redact.key', 'unusable', 'IMTBL_REDACT_KEY'];
  if (loaded.key === undefined) return ['redact.key', 'not set: digests are plain SHA-256', ''];
  return ['redact.key', `${loaded.key.id} (secret hidden)`, 'environment'];
}

/** Shows what the exporters would go by in this environment, secrets hidden. */
export function checkConfiguration(env: CommandIo['env']): Finding {
  const read = readEnvironment({ ...env });
  const given: Readonly<Record<string, unknown>> = {
    ...read.options,
    service: read.serviceFallback,
    env: read.envFallback,
  };
  const defaults: Readonly<Record<string, unknown>> = {
    ...DEFAULTS,
    service: 'unknown_service',
    env: 'production',
  };
  const names = [...new Set(['apiKey', ...Object.keys(given), ...Object.keys(defaults)])];
  const rows = names.flatMap((name) => {
    if (given[name] !== undefined) return [[name, shown(name, given[name]), 'environment']];
    if (name in defaults) return [[name, shown(name, defaults[name]), 'default']];
    return name === 'apiKey' ? [[name, 'not set', '']] : [];
  });
  const problems = read.ignored.map(
    ({ variable, expected }) => `${variable} is ignored: expected ${expected}`,
  );
  const keyless = read.options.apiKey === undefined ? ['IMTBL_API_KEY is not set'] : [];
  return { rows: [...rows, redactRow(env)], problems: [...keyless, ...problems] };
}
