import { refuseConfig } from '../errors.ts';
import type { MappingContext } from '../record/origin.ts';
import type { LogSelection, SpanSelection } from '../record/select.ts';
import type { RedactOptions } from '../redact/options.ts';
import type { ResolvedRedaction } from '../redact/resolve.ts';
import { resolveRedactOptions } from '../redact/resolve.ts';
import type { Ids } from '../runtime/process.ts';
import type { Environment, IgnoredVariable, RedactName } from './environment.ts';
import type { CheckedRow, LimitName } from './option-table.ts';
import { CLIENT, MAPPING, RETRY, SPOOL, requireKnownOptions } from './option-table.ts';
import type { ClientOptions, MappingOptions, RetryOptions, SpoolOptions } from './options.ts';
import type { ProxyChoice } from './proxy.ts';
import { chooseProxy } from './proxy.ts';
import type { ApiKeyProvider, Endpoint } from './values.ts';
import { requireApiKey, requireEndpoint, requireHeaders, requireName } from './values.ts';

/** {@link MappingOptions} checked, merged with environment and defaults. */
export interface MappingConfig extends Omit<MappingContext, 'now'> {
  readonly spans: SpanSelection;
  readonly logs: LogSelection;
  readonly ignorePaths: readonly string[];
}

/** How often and how patiently a send is repeated; times in ms. */
export interface RetryPolicy {
  readonly maxRetries: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

/** {@link SpoolOptions} checked and merged with the environment. */
export interface SpoolConfig {
  readonly directory: string;
  readonly maxBytes: number;
}

/** Where events go, and by which way. */
export interface Destination {
  readonly endpoint: Endpoint;
  readonly proxy: ProxyChoice;
  /** The variable because of which nothing is sent: it was set, and never means the default. */
  readonly withheld: IgnoredVariable | undefined;
}

/** {@link ClientOptions} checked, merged with environment and defaults; nothing is left open. */
export interface ClientConfig extends Destination, Readonly<Record<LimitName, number>> {
  readonly apiKey: ApiKeyProvider;
  readonly headers: Readonly<Record<string, string>>;
  readonly retry: RetryPolicy;
  readonly redaction: ResolvedRedaction;
  /** `undefined`: events are held in memory only. */
  readonly spool: SpoolConfig | undefined;
  /** Whether delivery has a thread of its own. */
  readonly worker: boolean;
  readonly dispatcher: ClientOptions['dispatcher'];
  readonly meterProvider: ClientOptions['meterProvider'];
  readonly onReceipt: ClientOptions['onReceipt'];
  readonly onDrop: ClientOptions['onDrop'];
  readonly onQuarantine: ClientOptions['onQuarantine'];
}

/**
 * Checks the options of a client and fills in environment and defaults.
 *
 * @throws ExporterError `config_invalid`, naming the option and what it expects, never its value.
 */
export function resolveClientConfig(
  given: ClientOptions,
  environment: Environment,
  ids: Pick<Ids, 'newSecret'>,
): ClientConfig {
  requireKnownOptions(given, CLIENT);
  const env = environment.options;
  const limit = (name: LimitName): number => settle(CLIENT[name], given[name], env[name]);
  const destination = resolveDestination(given, environment);
  const { withheld } = destination;
  return Object.freeze({
    ...destination,
    apiKey: requireApiKey(given.apiKey ?? env.apiKey ?? (withheld && 'withheld')),
    headers: requireHeaders(given.headers ?? env.headers ?? {}),
    timeoutMs: limit('timeoutMs'),
    deadlineMs: limit('deadlineMs'),
    concurrency: limit('concurrency'),
    maxPendingBytes: limit('maxPendingBytes'),
    quotaProbeMs: limit('quotaProbeMs'),
    shutdownTimeoutMs: limit('shutdownTimeoutMs'),
    retry: resolveRetry(given.retry ?? {}),
    redaction: resolveRedactOptions(withVariables(given.redact ?? {}, environment, ids)),
    spool: resolveSpool(given.spool, env.spool ?? {}),
    worker: resolveWorker(given, env.worker),
    dispatcher: requireMethod('dispatcher', given.dispatcher, 'dispatch'),
    meterProvider: requireMethod('meterProvider', given.meterProvider, 'getMeter'),
    onReceipt: requireCallback('onReceipt', given.onReceipt),
    onDrop: requireCallback('onDrop', given.onDrop),
    onQuarantine: requireCallback('onQuarantine', given.onQuarantine),
  });
}

/**
 * Checks the mapping options and fills in environment and defaults.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function resolveMappingConfig(
  given: MappingOptions,
  environment: Environment,
): MappingConfig {
  const env = environment.options;
  return Object.freeze({
    service: requireName('service', given.service),
    serviceFallback: environment.serviceFallback,
    env: requireName('env', given.env),
    envFallback: environment.envFallback,
    spans: settle(MAPPING.spans, given.spans, env.spans),
    logs: settle(MAPPING.logs, given.logs, env.logs),
    ignorePaths: settle(MAPPING.ignorePaths, given.ignorePaths, env.ignorePaths),
    warningType: settle(MAPPING.warningType, given.warningType, env.warningType),
    clientIp: settle(MAPPING.clientIp, given.clientIp, env.clientIp),
  });
}

/** The environment without its wish for a worker, where a given dispatcher stands against it. */
export function setWorkerAside(
  environment: Environment,
  { worker, dispatcher }: ClientOptions,
): Environment {
  if (worker !== undefined || dispatcher === undefined || environment.options.worker !== true) {
    return environment;
  }
  const ignored = { variable: 'IMTBL_WORKER', expected: 'no option dispatcher beside it' };
  return {
    ...environment,
    options: { ...environment.options, worker: false },
    ignored: [...environment.ignored, ignored],
  };
}

/**
 * Where events go.
 *
 * @throws ExporterError `config_invalid`, when the option `url` cannot be used.
 */
export function resolveDestination(given: ClientOptions, environment: Environment): Destination {
  const withheld = findWithheld(given, environment);
  const endpoint = resolveEndpoint(given, environment, withheld);
  const proxy =
    given.dispatcher === undefined ? chooseProxy(environment.variables, endpoint) : NO_PROXY;
  return { endpoint, proxy, withheld: withheld ?? unusableProxy(proxy) };
}

const NO_PROXY: ProxyChoice = { kind: 'none' };

/**
 * The variable for destination, key or redaction that cannot be read, or whose name is mistyped, unless an
 * option stands in its place.
 */
function findWithheld(given: ClientOptions, environment: Environment): IgnoredVariable | undefined {
  const { options, ignored, variables } = environment;
  const replaced = replacedVariables(given);
  const unread = ignored.find(({ variable, meant }) => {
    if (meant === undefined) return replaced[variable] === false;
    return replaced[meant] === false && (variables[meant]?.trim() ?? '') === '';
  });
  if (unread !== undefined || given.url !== undefined || options.url === undefined) return unread;
  const cleartext = !options.url.toLowerCase().startsWith('https:');
  if (!cleartext || requireEndpoint(options.url, true).loopback) return undefined;
  if (given.allowInsecure ?? options.allowInsecure ?? false) return undefined;
  const expected = 'https (http only for loopback, or with IMTBL_ALLOW_INSECURE=1)';
  const permission = ignored.find(
    ({ variable, meant }) => (meant ?? variable) === 'IMTBL_ALLOW_INSECURE',
  );
  return permission ?? { variable: 'IMTBL_URL', expected };
}

/** The variables that stop all when they cannot be read, and whether an option stands in their place. */
function replacedVariables({
  url,
  apiKey,
  redact,
}: ClientOptions): Readonly<Record<string, boolean | undefined>> {
  return {
    IMTBL_URL: url !== undefined,
    IMTBL_API_KEY: apiKey !== undefined,
    IMTBL_REDACT_KEY: redact?.key !== undefined,
    IMTBL_REDACT_RULES: redact?.rules !== undefined,
    IMTBL_REDACT_MODE: redact?.mode !== undefined,
    IMTBL_REDACT_DETECT: redact?.detect !== undefined,
  };
}

/** Where nothing is sent, the endpoint only names a place in the metrics. */
function resolveEndpoint(
  given: ClientOptions,
  { options }: Environment,
  withheld: IgnoredVariable | undefined,
): Endpoint {
  if (given.url === undefined && withheld !== undefined) return NOWHERE;
  const insecure = requireFlag('allowInsecure', given.allowInsecure) ?? options.allowInsecure;
  return requireEndpoint(given.url ?? options.url ?? CLIENT.url.preset, insecure);
}

const NOWHERE: Endpoint = Object.freeze({
  origin: 'https://unset.invalid',
  path: '/v1/events',
  loopback: false,
});

function unusableProxy(proxy: ProxyChoice): IgnoredVariable | undefined {
  if (proxy.kind !== 'unusable') return undefined;
  const { variable } = proxy;
  const expected = /^no_/i.test(variable)
    ? 'host names separated by commas'
    : 'host:port, or an http or https URL of a proxy';
  return { variable, expected };
}

function settle<T>(row: CheckedRow<T>, given: T | undefined, env?: T): T {
  return row.check(given ?? env ?? row.preset);
}

function resolveRetry(given: RetryOptions): RetryPolicy {
  requireKnownOptions(given, RETRY, 'retry');
  return {
    maxRetries: settle(RETRY.maxRetries, given.maxRetries),
    initialDelayMs: settle(RETRY.initialDelayMs, given.initialDelayMs),
    maxDelayMs: settle(RETRY.maxDelayMs, given.maxDelayMs),
  };
}

function resolveSpool(given: SpoolOptions | undefined, env: SpoolOptions): SpoolConfig | undefined {
  const options: unknown = given;
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    refuseConfig('spool must be an object with a directory');
  }
  requireKnownOptions(given ?? {}, SPOOL, 'spool');
  const directory = given?.directory ?? env.directory;
  if (given === undefined && directory === undefined) return undefined;
  return {
    directory: requireDirectory(directory),
    maxBytes: settle(SPOOL.maxBytes, given?.maxBytes, env.maxBytes),
  };
}

function requireDirectory(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  refuseConfig('spool.directory must be a path; there is no default');
}

/** Refuses a dispatcher beside a worker: it is an object of the main thread. */
function resolveWorker({ worker, dispatcher }: ClientOptions, env: boolean | undefined): boolean {
  requireFlag('worker', worker);
  if (worker === true && dispatcher !== undefined) {
    refuseConfig('worker: true and dispatcher do not go together');
  }
  return worker ?? env ?? false;
}

/**
 * What the variables say of redaction, where the options say nothing.
 *
 * In place of what cannot be read stands the strictest: only what a rule names stays, it is searched
 * for everything, and digests are made with a secret of this process alone. Nothing is sent then,
 * but a spool keeps what was encoded: it would be in the ledger for ever, some day, with more in it
 * than somebody meant.
 */
function withVariables(
  given: RedactOptions,
  { redact, unusable }: Environment,
  ids: Pick<Ids, 'newSecret'>,
): RedactOptions {
  if (typeof given !== 'object' || Array.isArray(given)) return given;
  const isLost = (...names: readonly RedactName[]): boolean =>
    names.some((name) => given[name] === undefined && unusable.has(name));
  const secret = isLost('key') ? { id: 'unusable', secret: ids.newSecret() } : undefined;
  return {
    ...given,
    key: given.key ?? redact.key ?? secret,
    rules: given.rules ?? redact.rules,
    mode: isLost('rules', 'mode') ? 'allow' : (given.mode ?? redact.mode),
    detect: isLost('rules', 'detect') ? 'all' : (given.detect ?? redact.detect),
  };
}

function requireFlag<T>(option: string, value: T): T {
  if (value !== undefined && typeof value !== 'boolean') {
    refuseConfig(`${option} must be true or false`);
  }
  return value;
}

/** Told here and not by the first event: somebody gave another thing of that name. */
function requireMethod<T>(option: string, value: T, method: string): T {
  const given: unknown = value;
  if (given === undefined) return value;
  const isObject = typeof given === 'object' && given !== null;
  if (!isObject || typeof Reflect.get(given, method) !== 'function') {
    refuseConfig(`${option} must have the method ${method}()`);
  }
  return value;
}

function requireCallback<T>(option: string, value: T): T {
  if (value !== undefined && typeof value !== 'function') {
    refuseConfig(`${option} must be a function`);
  }
  return value;
}
