/**
 * Checks the options of redaction, which are the one part of the configuration where a mistake is
 * never repaired: less redaction than its author believes cannot be undone in a ledger. Messages
 * name the option and what it must be, never its value, which may be a secret.
 */
import { ExporterError, nearestName, refuseConfig, unknownOption } from '../errors.ts';
import { DATA_CLASSES } from './detectors/detector.ts';
import { PLAIN_PARAMETERS } from './default-rules.ts';
import type { DigestKey } from './digest.ts';
import { importDigestKey } from './digest.ts';
import type { RedactAction, RedactKey, RedactOptions, RedactRule } from './options.ts';

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
    refuseConfig('redact.strict is set, so redact.key is required');
  }
  return {
    rules: resolveRules(given.rules ?? []),
    detect: requireChoice('redact.detect', given.detect ?? 'text', ['text', 'all', 'off']),
    mode: requireChoice('redact.mode', given.mode ?? 'deny', ['deny', 'allow']),
    naming: requireChoice('redact.naming', given.naming ?? 'suffix', ['suffix', 'in-place']),
    keys,
    stack: requireChoice('redact.stack', given.stack ?? 'full', ['full', 'frames', 'none']),
    urlQueryAllow: new Set(
      requireNames('redact.urlQueryAllow', given.urlQueryAllow ?? PLAIN_PARAMETERS).map((n) =>
        n.toLowerCase(),
      ),
    ),
  };
}

const WARNING =
  'redact.key is not set: digests are plain SHA-256. Whoever can read the ledger can find the CPF, ' +
  'telephone number or IP address behind such a digest by trying all of them, in minutes, and the ' +
  'ledger never deletes it. Set redact.key (IMTBL_REDACT_KEY=<id>:<base64 of 32 bytes>). Until ' +
  'then such values are masked, not hashed, where they are found in text.';

/** The warning that a configuration without a key deserves, once; `undefined` with a key. */
export function keylessWarning(resolved: ResolvedRedaction): string | undefined {
  return resolved.keys.length === 0 ? WARNING : undefined;
}

/**
 * Checks own rules; regular expressions are copied without their state.
 *
 * @throws ExporterError `config_invalid`, naming the place in the list.
 */
export function resolveRules(rules: unknown): readonly RedactRule[] {
  return requireArray('redact.rules', rules).map(resolveRule);
}

const ACTIONS: readonly RedactAction[] = ['hash', 'mask', 'drop', 'truncate', 'keep'];

function resolveRule(rule: unknown, index: number): RedactRule {
  const option = `redact.rules[${index}]`;
  const given = requireKnownNames(option, rule, ['match', 'action', 'class']);
  const match = requireMatch(`${option}.match`, given['match']);
  const action = requireChoice(`${option}.action`, given['action'], ACTIONS);
  if (given['class'] === undefined) return { match, action };
  return { match, action, class: requireChoice(`${option}.class`, given['class'], DATA_CLASSES) };
}

function requireMatch(option: string, match: unknown): string | RegExp {
  if (isRegExp(match)) return withoutState(match);
  if (typeof match !== 'string' || match === '' || match.split('.').includes('')) {
    throw invalid(option, 'a regular expression or dotted segments that are not empty');
  }
  return match;
}

// Not `instanceof`: a configuration may come out of another realm (a test runner, a vm context).
function isRegExp(value: unknown): value is RegExp {
  return Object.prototype.toString.call(value) === '[object RegExp]';
}

/** `g` and `y` make a match depend on the one before; `i` because names have no case here. */
function withoutState(pattern: RegExp): RegExp {
  const flags = pattern.flags.replace(/[giy]/g, '');
  return new RegExp(pattern.source, `${flags}i`);
}

/** None, one, or several keys of which the first is the active one. */
function resolveKeys(key: RedactKey | readonly RedactKey[] | undefined): readonly DigestKey[] {
  if (key === undefined) return [];
  return requireOwnIds([key].flat().map(resolveKey));
}

function requireOwnIds<T extends { readonly id: string }>(keys: readonly T[]): readonly T[] {
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) {
    refuseConfig('redact.key must not hold two keys of one id');
  }
  return keys;
}

/**
 * Checks one key and takes its secret into a form that no log or dump shows.
 *
 * @throws ExporterError `config_invalid` when id or secret do not hold what {@link RedactKey} says.
 */
export function resolveKey(key: RedactKey): DigestKey {
  requireKnownNames('redact.key', key, ['id', 'secret']);
  return importDigestKey(requireKeyId(key.id), requireSecret(key.secret));
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/**
 * Reads the environment form of keys, `<id>:<base64>,<id>:<base64>`, of which the first is the
 * active one. They are taken whole or not at all: with one that is missing another might be the
 * first.
 *
 * @throws ExporterError `config_invalid` when one has another form or is too short, or when two
 * have one id.
 */
export function parseRedactKeys(text: string): readonly RedactKey[] {
  return requireOwnIds(text.split(',').map(parseRedactKey));
}

function parseRedactKey(text: string): RedactKey {
  const colon = text.indexOf(':');
  const encoded = text.slice(colon + 1).trim();
  // One letter is left over where a part of it is missing.
  if (colon < 0 || !BASE64.test(encoded) || encoded.replace(/=+$/, '').length % 4 === 1) {
    refuseConfig('a redaction key must have the form <id>:<base64>');
  }
  return {
    id: requireKeyId(text.slice(0, colon).trim()),
    secret: requireSecret(Buffer.from(encoded, 'base64')),
  };
}

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

function requireKeyId(id: unknown): string {
  if (typeof id !== 'string' || !KEY_ID.test(id)) {
    throw invalid('redact.key.id', '1 to 32 characters of A-Z a-z 0-9 _ -');
  }
  return id;
}

const MIN_SECRET_BYTES = 32;

function requireSecret(secret: unknown): Uint8Array {
  const bytes = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret;
  if (!(bytes instanceof Uint8Array) || bytes.byteLength < MIN_SECRET_BYTES) {
    throw invalid('redact.key.secret', `a string or bytes of at least ${MIN_SECRET_BYTES} bytes`);
  }
  return bytes;
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

function requireFlag(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalid(option, 'a boolean');
  return value;
}

function requireArray(option: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(option, 'an array');
  return value;
}

function requireNames(option: string, value: unknown): readonly string[] {
  return requireArray(option, value).map((name) => {
    if (typeof name !== 'string' || name === '') {
      throw invalid(option, 'an array of strings that are not empty');
    }
    return name;
  });
}

/** An object without other names: a mistyped option would do nothing, in silence. */
function requireKnownNames(
  option: string,
  value: unknown,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw invalid(option, 'an object');
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const near = nearestName(unknown, names);
    throw unknownOption(`${option}.${unknown}`, near && `${option}.${near}`);
  }
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(option: string, expected: string): ExporterError {
  return new ExporterError('config_invalid', `${option} must be ${expected}`);
}
