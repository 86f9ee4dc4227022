import { ExporterError } from '../errors.ts';

function invalid(option: string, expected: string): ExporterError {
  return new ExporterError('config_invalid', `${option} must be ${expected}`);
}

/**
 * The value when it is one of the choices.
 *
 * @throws ExporterError `config_invalid`, naming the option but not the value.
 */
export function requireChoice<T extends string>(
  option: string,
  value: unknown,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw invalid(option, `one of ${choices.join(', ')}`);
  return found;
}

/**
 * The value when it is a boolean.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function requireFlag(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalid(option, 'a boolean');
  return value;
}

/**
 * The value when it is an array.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function requireArray(option: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(option, 'an array');
  return value;
}

/**
 * The value when it is an array of strings that are not empty.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function requireNames(option: string, value: unknown): readonly string[] {
  return requireArray(option, value).map((name) => {
    if (typeof name !== 'string' || name === '') {
      throw invalid(option, 'an array of strings that are not empty');
    }
    return name;
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value when it is an object without unknown names: a mistyped option of redaction would mean
 * less redaction than its author believes.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function requireKnownNames(
  option: string,
  value: unknown,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw invalid(option, 'an object');
  if (Object.keys(value).some((name) => !names.includes(name))) {
    throw invalid(option, `an object with no other names than ${names.join(', ')}`);
  }
  return value;
}
