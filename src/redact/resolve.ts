import { ExporterError } from '../errors.ts';
import type { DigestKey } from './digest.ts';
import type { RedactOptions, RedactRule } from './options.ts';
import { requireChoice, requireFlag, requireKnownNames, requireNames } from './require-option.ts';
import { resolveKeys } from './resolve-key.ts';
import { resolveRules } from './resolve-rule.ts';

/** {@link RedactOptions} checked and complete. */
export interface ResolvedRedaction {
  readonly rules: readonly RedactRule[];
  readonly detect: 'text' | 'all' | 'off';
  readonly mode: 'deny' | 'allow';
  readonly naming: 'suffix' | 'in-place';
  /** All keys that were given; the first is the active one. */
  readonly keys: readonly DigestKey[];
  readonly stack: 'full' | 'frames' | 'none';
  /** Lower-case names of query parameters whose values may stay. */
  readonly urlQueryAllow: ReadonlySet<string>;
}

const NAMES: readonly (keyof RedactOptions)[] = [
  'rules',
  'detect',
  'mode',
  'naming',
  'key',
  'strict',
  'stack',
  'urlQueryAllow',
];

/**
 * Checks the options of redaction and fills in the defaults.
 *
 * @throws ExporterError `config_invalid`, naming the option and never a secret or its length.
 */
export function resolveRedactOptions(options: RedactOptions | undefined): ResolvedRedaction {
  const given = options ?? {};
  requireKnownNames('redact', given, NAMES);
  const keys = resolveKeys(given.key);
  if (requireFlag('redact.strict', given.strict ?? false) && keys.length === 0) {
    throw new ExporterError('config_invalid', 'redact.strict is set, so redact.key is required');
  }
  return {
    rules: resolveRules(given.rules ?? []),
    detect: requireChoice('redact.detect', given.detect ?? 'text', ['text', 'all', 'off']),
    mode: requireChoice('redact.mode', given.mode ?? 'deny', ['deny', 'allow']),
    naming: requireChoice('redact.naming', given.naming ?? 'suffix', ['suffix', 'in-place']),
    keys,
    stack: requireChoice('redact.stack', given.stack ?? 'full', ['full', 'frames', 'none']),
    urlQueryAllow: new Set(
      requireNames('redact.urlQueryAllow', given.urlQueryAllow ?? []).map((n) => n.toLowerCase()),
    ),
  };
}
