import { ExporterError } from '../errors.ts';
import type { DataClass } from './detectors/detector.ts';
import type { RedactAction, RedactRule } from './options.ts';
import { requireArray, requireChoice, requireKnownNames } from './require-option.ts';

const ACTIONS: readonly RedactAction[] = ['hash', 'mask', 'drop', 'truncate', 'keep'];

/** All classes of data, in the order of {@link DataClass}. */
export const DATA_CLASSES: readonly DataClass[] = [
  'email',
  'ip',
  'cpf',
  'cnpj',
  'card',
  'phone',
  'jwt',
  'bearer',
  'key',
  'secret',
  'text',
];

// Not `instanceof`: a configuration may come out of another realm (a test runner, a vm context).
function isRegExp(value: unknown): value is RegExp {
  return Object.prototype.toString.call(value) === '[object RegExp]';
}

/** `g` and `y` make a match depend on the one before; `i` because names have no case here. */
function withoutState(pattern: RegExp): RegExp {
  const flags = pattern.flags.replace(/[giy]/g, '');
  return new RegExp(pattern.source, `${flags}i`);
}

function requireMatch(option: string, match: unknown): string | RegExp {
  if (isRegExp(match)) return withoutState(match);
  if (typeof match !== 'string' || match === '' || match.split('.').includes('')) {
    throw new ExporterError(
      'config_invalid',
      `${option} must be a regular expression or dotted segments that are not empty`,
    );
  }
  return match;
}

function resolveRule(rule: unknown, index: number): RedactRule {
  const option = `redact.rules[${index}]`;
  const given = requireKnownNames(option, rule, ['match', 'action', 'class']);
  const match = requireMatch(`${option}.match`, given['match']);
  const action = requireChoice(`${option}.action`, given['action'], ACTIONS);
  if (given['class'] === undefined) return { match, action };
  return { match, action, class: requireChoice(`${option}.class`, given['class'], DATA_CLASSES) };
}

/**
 * Checks own rules; regular expressions are copied without their state.
 *
 * @throws ExporterError `config_invalid`, naming the place in the list.
 */
export function resolveRules(rules: unknown): readonly RedactRule[] {
  return requireArray('redact.rules', rules).map(resolveRule);
}
