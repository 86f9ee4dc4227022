import { nearestName, optionPath, refuseConfig, unknownOption } from '../errors.ts';
import { SHUTDOWN_TIMEOUT_MS } from '../runtime/open-clients.ts';
import type { LogSelection, SpanSelection } from '../record/select.ts';
import type { RedactOptions, RedactRule } from '../redact/options.ts';
import { parseRedactKeys, requireChoice } from '../redact/resolve.ts';
import type {
  ClientOptions,
  ImmutableLogOptions,
  MappingOptions,
  RetryOptions,
  SpoolOptions,
} from './options.ts';
import { readRulesFile } from './rules-file.ts';
import type { Range } from './values.ts';
import {
  BYTES,
  COUNT,
  COUNT_OR_ZERO,
  MS_OR_ZERO,
  POSITIVE_MS,
  parseApiKey,
  parseFlag,
  parseHeaderList,
  requireEndpoint,
  requireHeaders,
  requireInteger,
  requirePaths,
} from './values.ts';

/** A variable of the environment that an option may come from. */
export interface Variable<T> {
  readonly name: `IMTBL_${string}`;
  /** What it must hold, in the words of the warning that it is ignored. */
  readonly expected: string;
  /** Gives `undefined`, or throws an `ExporterError`, when the text cannot be used. */
  readonly parse: (text: string) => T | undefined;
  /** Whether what `parse` throws is told: where the mistake lies in what is not in the text itself. */
  readonly tellsMistake?: boolean;
}

/** What is known of an option besides its meaning. */
export interface OptionRow<T> {
  readonly variable?: Variable<T>;
  /** What holds where neither option nor environment says otherwise. */
  readonly preset?: T;
  /** The options inside of it. */
  readonly table?: AnyTable;
}

/** An option with a default, whose value is checked by itself. */
export interface CheckedRow<T> extends OptionRow<T> {
  readonly preset: T;
  /** Gives the value back, or throws an `ExporterError` `config_invalid` that names the option. */
  readonly check: (value: T) => T;
}

/** Options of whatever types. */
export type AnyTable = Readonly<Record<string, OptionRow<unknown>>>;

/** A row for each option there is: what reads, checks, lists or documents options reads this. */
type OptionTable<T, Checked extends keyof T = never> = {
  readonly [Name in keyof T]-?: Name extends Checked
    ? CheckedRow<NonNullable<T[Name]>>
    : OptionRow<NonNullable<T[Name]>>;
};

// oxlint-disable-next-line eslint/no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

function parseName(text: string): string | undefined {
  return CONTROL.test(text) ? undefined : text;
}

/** Nobody is there to expand what a shell would, and a directory of that name would be made. */
function parseDirectory(text: string): string | undefined {
  return CONTROL.test(text) || /^~|^[a-z]+:\/\/|\$\{|\$\(/i.test(text) ? undefined : text;
}

function from<T>(
  name: Variable<T>['name'],
  expected: string,
  parse: Variable<T>['parse'],
): { readonly variable: Variable<T> } {
  return { variable: { name, expected, parse } };
}

/** Entries between commas; empty ones do not count, but some must be left. */
function parseList<T>(text: string, check: (entries: readonly string[]) => T): T | undefined {
  const entries = text.split(',').map((entry) => entry.trim());
  const filled = entries.filter((entry) => entry !== '');
  return filled.length === 0 ? undefined : check(filled);
}

type NameAndExpected = readonly [name: Variable<number>['name'], expected: string];

function whole(
  option: string,
  range: Range,
  preset: number,
  variable?: NameAndExpected,
): CheckedRow<number> {
  const check = (value: number): number => requireInteger(option, value, range);
  if (variable === undefined) return { preset, check };
  return { preset, check, ...from(...variable, (text) => check(Number(text))) };
}

/** One of some words or, where the type of the option has it, a function. */
function choice<T>(
  option: string,
  preset: T,
  words: readonly (T & string)[],
  variable?: Variable<T>['name'],
): CheckedRow<T> {
  const check = (value: T): T =>
    typeof value === 'function' ? value : requireChoice(option, value, words);
  return variable === undefined
    ? { preset, check }
    : { preset, check, variable: word(variable, words) };
}

function word<T extends string>(name: Variable<T>['name'], words: readonly T[]): Variable<T> {
  const parse = (text: string): T | undefined => words.find((one) => one === text.toLowerCase());
  return { name, expected: words.join(', '), parse };
}

const SPAN_WORDS = ['all', 'entry', 'none'] as const;
const LOG_WORDS = ['all', 'none', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

const ORIGIN: OptionTable<Pick<MappingOptions, 'service' | 'env'>> = {
  service: from('IMTBL_SERVICE_NAME', 'a name in one line', parseName),
  env: from('IMTBL_ENV', 'a name in one line', parseName),
};

/** {@link MappingOptions}. */
export const MAPPING: OptionTable<
  MappingOptions,
  Exclude<keyof MappingOptions, keyof typeof ORIGIN>
> = {
  ...ORIGIN,
  spans: choice<SpanSelection>('spans', 'all', SPAN_WORDS, 'IMTBL_SPANS'),
  logs: choice<LogSelection>('logs', 'all', LOG_WORDS, 'IMTBL_LOGS'),
  ignorePaths: {
    preset: Object.freeze(['/health', '/healthz', '/metrics']),
    check: requirePaths,
    ...from('IMTBL_IGNORE_PATHS', 'paths separated by commas', (text) =>
      parseList(text, requirePaths),
    ),
  },
  warningType: choice<'info' | 'warning'>('warningType', 'info', ['info', 'warning']),
  clientIp: choice<'off' | 'raw'>('clientIp', 'off', ['off', 'raw']),
};

/** {@link RetryOptions}. */
export const RETRY: OptionTable<RetryOptions, keyof RetryOptions> = {
  maxRetries: whole('retry.maxRetries', COUNT_OR_ZERO, 5),
  initialDelayMs: whole('retry.initialDelayMs', MS_OR_ZERO, 500),
  maxDelayMs: whole('retry.maxDelayMs', POSITIVE_MS, 60_000),
};

const GIB = 1024 ** 3;

/** {@link SpoolOptions}. */
export const SPOOL: OptionTable<SpoolOptions, 'maxBytes'> = {
  directory: from('IMTBL_SPOOL_DIR', 'a path, written out', parseDirectory),
  maxBytes: whole('spool.maxBytes', BYTES, GIB, ['IMTBL_SPOOL_MAX_BYTES', 'a number of bytes']),
};

const KEYS_FORM = '<id>:<base64 of at least 32 bytes>, several separated by commas';

const RULES: Variable<readonly RedactRule[]> = {
  name: 'IMTBL_REDACT_RULES',
  expected: 'the path of a JSON file of rules',
  parse: readRulesFile,
  tellsMistake: true,
};

/** {@link RedactOptions}. Their defaults and checks are the redactor's. */
export const REDACT: OptionTable<RedactOptions> = {
  rules: { variable: RULES },
  detect: { variable: word('IMTBL_REDACT_DETECT', ['text', 'all', 'off']) },
  mode: { variable: word('IMTBL_REDACT_MODE', ['deny', 'allow']) },
  naming: {},
  key: from('IMTBL_REDACT_KEY', KEYS_FORM, parseRedactKeys),
  strict: {},
  stack: {},
  urlQueryAllow: {},
};

/** The limits of a client. */
export type LimitName =
  | 'timeoutMs'
  | 'deadlineMs'
  | 'concurrency'
  | 'maxPendingBytes'
  | 'quotaProbeMs'
  | 'shutdownTimeoutMs';

const HEADERS_FORM =
  'name=value,name=value in printable ASCII, values percent-encoded where need be, no name twice ' +
  'and none that the exporter sets itself';

/** {@link ClientOptions}. */
export const CLIENT: OptionTable<ClientOptions, LimitName> = {
  ...ORIGIN,
  apiKey: from('IMTBL_API_KEY', 'printable ASCII without spaces', parseApiKey),
  url: {
    preset: 'https://api.immutablelog.com',
    ...from('IMTBL_URL', 'an https URL, or http on loopback', (text) => {
      // Whether cleartext may be is an option of its own, which code may give.
      requireEndpoint(text, true);
      return text;
    }),
  },
  allowInsecure: from('IMTBL_ALLOW_INSECURE', 'true or false', parseFlag),
  headers: from('IMTBL_HEADERS', HEADERS_FORM, (text) => requireHeaders(parseHeaderList(text))),
  timeoutMs: whole('timeoutMs', POSITIVE_MS, 5_000, [
    'IMTBL_TIMEOUT_MS',
    'a number of milliseconds',
  ]),
  deadlineMs: whole('deadlineMs', POSITIVE_MS, 25_000),
  retry: { table: RETRY },
  concurrency: whole('concurrency', COUNT, 32, ['IMTBL_CONCURRENCY', 'a whole number above 0']),
  maxPendingBytes: whole('maxPendingBytes', BYTES, 64 * 1024 ** 2),
  quotaProbeMs: whole('quotaProbeMs', MS_OR_ZERO, 3_600_000),
  shutdownTimeoutMs: whole('shutdownTimeoutMs', POSITIVE_MS, SHUTDOWN_TIMEOUT_MS),
  redact: { table: REDACT },
  spool: { table: SPOOL },
  worker: from('IMTBL_WORKER', 'true or false', parseFlag),
  dispatcher: {},
  meterProvider: {},
  onReceipt: {},
  onDrop: {},
  onQuarantine: {},
};

const { redact, ...others } = CLIENT;

/** Every option of an exporter, in the order in which they are told. */
export const OPTIONS: AnyTable = { ...others, ...MAPPING, redact };

/** One row of the documentation. */
export interface ListedOption {
  /** Such as `retry.maxRetries`. */
  readonly path: string;
  readonly variable: string | undefined;
  readonly preset: unknown;
}

/** All options, those inside of others in their place. */
export function listOptions(table: AnyTable = OPTIONS, prefix = ''): readonly ListedOption[] {
  return Object.entries(table).flatMap(([name, row]) =>
    row.table === undefined
      ? [{ path: prefix + name, variable: row.variable?.name, preset: row.preset }]
      : listOptions(row.table, `${name}.`),
  );
}

/**
 * Refuses an option that does not exist: a mistyped name would otherwise be a wish unheard; and
 * `null`, which would be one for the default.
 *
 * @param within - the option that holds them; empty for those outside of all
 * @throws ExporterError `config_invalid`, naming the option with its whole path.
 */
export function requireKnownOptions(options: object, known: object, within = ''): void {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const what = within === '' ? 'the options' : within;
    refuseConfig(`${what} must be an object`);
  }
  for (const [name, value] of Object.entries(given)) {
    const path = optionPath(within, name);
    if (!Object.hasOwn(known, name)) throw unknownOption(path, meantOption(name, known, within));
    if (value === null) refuseConfig(`${path} must not be null`);
  }
}

/** One of the same place with a similar name, else one of another place with the same or a similar one. */
function meantOption(name: string, known: object, within: string): string | undefined {
  // Those of an exporter are its client's to refuse, which does not take all of them itself.
  const all = within === '' ? { ...known, ...OPTIONS } : known;
  const others = Object.keys(all).filter((other) => other !== name);
  const near = nearestName(name, others);
  if (near !== undefined) return optionPath(within, near);
  const paths = listOptions().map(({ path }) => path);
  const nameIn = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
  const meant =
    nearestName(
      name,
      paths.map(nameIn).filter((other) => other !== name),
    ) ?? name;
  return paths.find((path) => path !== name && nameIn(path) === meant);
}

/** The options of an exporter by whose they are. */
export interface SplitOptions {
  readonly client: Readonly<Record<string, unknown>>;
  readonly mapping: Readonly<Record<string, unknown>>;
}

/**
 * Takes the options of an exporter apart. Service and environment are on both sides, since they
 * name the origin of direct events too; unknown ones are the client's, which refuses them.
 */
export function splitOptions(options: ImmutableLogOptions): SplitOptions {
  const entries = Object.entries<unknown>({ ...options });
  const pick = (wanted: (name: string) => boolean): Readonly<Record<string, unknown>> =>
    Object.fromEntries(entries.filter(([name]) => wanted(name)));
  return {
    client: pick((name) => !Object.hasOwn(MAPPING, name) || Object.hasOwn(ORIGIN, name)),
    mapping: pick((name) => Object.hasOwn(MAPPING, name)),
  };
}
