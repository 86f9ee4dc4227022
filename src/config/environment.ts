import { isExporterError, nearestName } from '../errors.ts';
import type { RedactOptions } from '../redact/options.ts';
import type { AnyTable, Variable } from './option-table.ts';
import { OPTIONS, REDACT, listOptions } from './option-table.ts';
import type { ImmutableLogOptions } from './options.ts';

/** A variable whose value cannot be used; it is ignored. */
export interface IgnoredVariable {
  readonly variable: string;
  readonly expected: string;
  /** The variable that was meant by one that nobody knows. */
  readonly meant?: string | undefined;
}

/** What the environment says. */
export interface Environment {
  readonly options: Omit<ImmutableLogOptions, 'service' | 'env' | 'redact'>;
  /** Service and environment names come after the resource, so they are kept apart. */
  readonly serviceFallback: string | undefined;
  readonly envFallback: string | undefined;
  readonly redact: Pick<RedactOptions, RedactName>;
  /** Options of redaction that a variable was meant for and that it does not give. */
  readonly unusable: ReadonlySet<RedactName>;
  /** What names the proxy is read when the ledger is known. */
  readonly variables: NodeJS.ProcessEnv;
  readonly ignored: readonly IgnoredVariable[];
}

/** An option of redaction that has a variable. */
export type RedactName = 'key' | 'rules' | 'mode' | 'detect';

const REDACT_NAMES: readonly RedactName[] = ['key', 'rules', 'mode', 'detect'];

/**
 * Reads the `IMTBL_*` variables. A value that cannot be used is reported and ignored: code is
 * reviewed, environments are not, and a typing error there must not stop an application.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const ignored: IgnoredVariable[] = [];
  const read = <T>(variable: Variable<T>): T | undefined => {
    const text = env[variable.name]?.trim() ?? '';
    if (text === '') return undefined;
    const expected = mishapIn(text);
    const found = expected === undefined ? parsed(text, variable) : { expected };
    if ('value' in found) return found.value;
    ignored.push({ variable: variable.name, expected: found.expected });
    return undefined;
  };
  // Each variable gives a value of the type of its option; the compiler cannot see that through the
  // names.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const all = readTable(OPTIONS, read) as ImmutableLogOptions;
  const { service, env: environment, redact = {}, ...options } = all;
  ignored.push(...unknownVariables(env));
  const wrong = new Set(ignored.map(({ variable, meant }) => meant ?? variable));
  const unusable = REDACT_NAMES.filter(
    (name) => redact[name] === undefined && wrong.has(REDACT[name].variable?.name ?? ''),
  );
  return {
    options,
    serviceFallback: service,
    envFallback: environment,
    redact,
    unusable: new Set(unusable),
    variables: env,
    ignored,
  };
}

const QUOTED = /^(["'`]).*\1$/s;
// As they are left where nothing was put in their place: by a shell, a template, a script.
const PLACEHOLDER =
  /^(?:\$\{.*\}|\$\(.*\)|\$[A-Z_]+|%\w+%|\{\{.*\}\}|<[^<>]*>|undefined|null|\[object \w+\])$/s;

/** What should have been there in place of what no variable is ever meant to hold. */
function mishapIn(text: string): string | undefined {
  if (QUOTED.test(text)) return 'a value without quotes around it';
  return PLACEHOLDER.test(text) ? 'a value in place of a placeholder' : undefined;
}

type Parsed<T> = { readonly value: T } | { readonly expected: string };

function parsed<T>(text: string, { expected, parse, tellsMistake }: Variable<T>): Parsed<T> {
  try {
    const value = parse(text);
    return value === undefined ? { expected } : { value };
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return { expected: tellsMistake === true ? `${expected} (${error.message})` : expected };
  }
}

/** The values of a table, as deep as it is; options without a variable are left out. */
function readTable(
  table: AnyTable,
  read: (variable: Variable<unknown>) => unknown,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, { variable, table: inner }] of Object.entries(table)) {
    const value = variable && read(variable);
    if (value !== undefined) values[name] = value;
    if (inner === undefined) continue;
    const within = readTable(inner, read);
    if (Object.keys(within).length > 0) values[name] = within;
  }
  return values;
}

/** Variables that look like ours and are not: a typing error, or meant for another version. */
function unknownVariables(env: NodeJS.ProcessEnv): IgnoredVariable[] {
  const known = new Set(
    listOptions().flatMap(({ variable }) => (variable === undefined ? [] : [variable])),
  );
  return Object.entries(env)
    .filter(([name, value]) => name.startsWith(PREFIX) && !known.has(name) && value?.trim() !== '')
    .map(([variable]) => {
      const meant = nearestName(variable.slice(PREFIX.length), [...known].map(withoutPrefix));
      const hint = meant === undefined ? '' : ` (did you mean ${PREFIX}${meant}?)`;
      const expected = `a variable that this version knows${hint}`;
      return meant === undefined
        ? { variable, expected }
        : { variable, expected, meant: `${PREFIX}${meant}` };
    });
}

const PREFIX = 'IMTBL_';

function withoutPrefix(name: string): string {
  return name.slice(PREFIX.length);
}
