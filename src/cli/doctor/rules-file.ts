import { ExporterError } from '../../errors.ts';
import type { RedactRule } from '../../redact/options.ts';
import { resolveRules } from '../../redact/resolve-rule.ts';

/** JSON has no regular expressions, so they are written as JavaScript writes them. */
const REGULAR_EXPRESSION = /^\/(.+)\/([a-z]*)$/s;

function withExpression(rule: unknown, index: number): unknown {
  if (typeof rule !== 'object' || rule === null || !('match' in rule)) return rule;
  const parts = typeof rule.match === 'string' ? REGULAR_EXPRESSION.exec(rule.match) : null;
  if (parts === null) return rule;
  try {
    return { ...rule, match: new RegExp(parts[1] ?? '', parts[2]) };
  } catch {
    throw new ExporterError(
      'config_invalid',
      `redact.rules[${index}].match must be a valid regular expression`,
    );
  }
}

/**
 * Reads the option `redact.rules` from JSON: an array of rules in which a `match` like `"/…/i"` is
 * a regular expression.
 *
 * @throws ExporterError `config_invalid`, naming the place in the list.
 */
export function parseRules(text: string): readonly RedactRule[] {
  let rules: unknown;
  try {
    rules = JSON.parse(text);
  } catch {
    throw new ExporterError('config_invalid', 'redact.rules must be JSON');
  }
  return resolveRules(Array.isArray(rules) ? rules.map(withExpression) : rules);
}
