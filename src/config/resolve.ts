import { ExporterError } from '../errors.ts';
import type { MappingContext } from '../record/origin.ts';
import type { LogSelection, SpanSelection } from '../record/select.ts';
import type { RedactOptions } from '../redact/options.ts';
import type { ResolvedRedaction } from '../redact/resolve.ts';
import { requireChoice, resolveRedactOptions } from '../redact/resolve.ts';
import type { Environment } from './environment.ts';
import type { ClientOptions, MappingOptions, RetryOptions, SpoolOptions } from './options.ts';
import {
  CLIENT_OPTION_NAMES,
  DEFAULTS,
  requireKnownOptions,
  requireLogSelection,
  requirePaths,
  requireSpanSelection,
} from './options.ts';
import type { ApiKeyProvider, Endpoint, Range } from './values.ts';
import {
  BYTES,
  COUNT,
  COUNT_OR_ZERO,
  MS_OR_ZERO,
  POSITIVE_MS,
  requireApiKey,
  requireEndpoint,
  requireHeaders,
  requireInteger,
} from './values.ts';

/** {@link SpoolOptions} checked and merged with the environment. */
export interface SpoolConfig {
  readonly directory: string;
  readonly maxBytes: number;
}

/** Every name of the spool options. */
export const SPOOL_OPTION_NAMES: readonly (keyof SpoolOptions)[] = ['directory', 'maxBytes'];

/**
 * Checks the option `spool`; `undefined` when neither it nor the environment names a directory.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function resolveSpoolConfig(
  given: SpoolOptions | undefined,
  env: SpoolOptions,
): SpoolConfig | undefined {
  const options: unknown = given;
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw new ExporterError('config_invalid', 'spool must be an object with a directory');
  }
  requireKnownOptions(given ?? {}, SPOOL_OPTION_NAMES);
  const directory = given?.directory ?? env.directory;
  if (given === undefined && directory === undefined) return undefined;
  const maxBytes = given?.maxBytes ?? env.maxBytes ?? DEFAULTS.maxBytes;
  return {
    directory: requireDirectory(directory),
    maxBytes: requireInteger('spool.maxBytes', maxBytes, BYTES),
  };
}

function requireDirectory(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new ExporterError('config_invalid', 'spool.directory must be a path; there is no default');
}

/**
 * Checks the option `worker`.
 *
 * @throws ExporterError `config_invalid` beside a dispatcher: that is an object of the main thread.
 */
export function resolveWorker(
  { worker, dispatcher }: ClientOptions,
  env: boolean | undefined,
): boolean {
  if (worker !== undefined && typeof worker !== 'boolean') {
    throw new ExporterError('config_invalid', 'worker must be true or false');
  }
  if (worker === true && dispatcher !== undefined) {
    throw new ExporterError('config_invalid', 'worker: true and dispatcher do not go together');
  }
  return worker ?? env ?? false;
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

/** {@link MappingOptions} checked, merged with environment and defaults. */
export interface MappingConfig extends Omit<MappingContext, 'now'> {
  readonly spans: SpanSelection;
  readonly logs: LogSelection;
  readonly ignorePaths: readonly string[];
}

function requireName(option: string, value: string | undefined): string | undefined {
  if (value !== undefined && (typeof value !== 'string' || value.trim() === '')) {
    throw new ExporterError('config_invalid', `${option} must be a string that is not empty`);
  }
  return value;
}

/**
 * Checks the mapping options and fills in environment and defaults.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function resolveMappingConfig(
  options: MappingOptions,
  environment: Environment,
): MappingConfig {
  const env = environment.options;
  return Object.freeze({
    service: requireName('service', options.service),
    serviceFallback: environment.serviceFallback,
    env: requireName('env', options.env),
    envFallback: environment.envFallback,
    spans: requireSpanSelection(options.spans ?? env.spans ?? DEFAULTS.spans),
    logs: requireLogSelection(options.logs ?? env.logs ?? DEFAULTS.logs),
    ignorePaths: requirePaths(options.ignorePaths ?? env.ignorePaths ?? DEFAULTS.ignorePaths),
    warningType: requireChoice('warningType', options.warningType ?? DEFAULTS.warningType, [
      'info',
      'warning',
    ]),
    clientIp: requireChoice('clientIp', options.clientIp ?? DEFAULTS.clientIp, ['off', 'raw']),
  });
}

/** How often and how patiently a send is repeated; times in ms. */
export interface RetryPolicy {
  readonly maxRetries: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

/** {@link ClientOptions} checked, merged with environment and defaults; nothing is left open. */
export interface ClientConfig {
  readonly apiKey: ApiKeyProvider;
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly retry: RetryPolicy;
  readonly concurrency: number;
  readonly maxPendingBytes: number;
  readonly quotaProbeMs: number;
  readonly shutdownTimeoutMs: number;
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

/** What resolving needs from outside. */
export interface ConfigDeps {
  /** A secret that nobody else has, of 32 bytes at least. */
  readonly newSecret: () => string;
}

function resolveRetry(options: RetryOptions): RetryPolicy {
  requireKnownOptions(options, ['maxRetries', 'initialDelayMs', 'maxDelayMs']);
  const {
    maxRetries = DEFAULTS.maxRetries,
    initialDelayMs = DEFAULTS.initialDelayMs,
    maxDelayMs = DEFAULTS.maxDelayMs,
  }: RetryOptions = options;
  return {
    maxRetries: requireInteger('retry.maxRetries', maxRetries, COUNT_OR_ZERO),
    initialDelayMs: requireInteger('retry.initialDelayMs', initialDelayMs, MS_OR_ZERO),
    maxDelayMs: requireInteger('retry.maxDelayMs', maxDelayMs, POSITIVE_MS),
  };
}

/**
 * The key of the environment, where the options name none.
 *
 * In place of one that cannot be read stands a secret of this process alone: plain digests would
 * be in the ledger for ever, and somebody meant them not to be. With `strict` nothing stands in.
 */
function withKey(
  redact: RedactOptions,
  { redactKey }: Environment,
  deps: ConfigDeps,
): RedactOptions {
  if (typeof redact !== 'object' || redact.key !== undefined) return redact;
  if (redactKey === undefined || (redactKey === 'unusable' && redact.strict === true))
    return redact;
  const key = redactKey === 'unusable' ? { id: redactKey, secret: deps.newSecret() } : redactKey;
  return { ...redact, key };
}

function requireCallback<T>(option: string, value: T): T {
  if (value !== undefined && typeof value !== 'function') {
    throw new ExporterError('config_invalid', `${option} must be a function`);
  }
  return value;
}

type LimitName =
  | 'timeoutMs'
  | 'deadlineMs'
  | 'concurrency'
  | 'maxPendingBytes'
  | 'quotaProbeMs'
  | 'shutdownTimeoutMs';

function resolveLimits(
  given: ClientOptions,
  env: Environment['options'],
): Pick<ClientConfig, LimitName> {
  const limit = (name: LimitName, range: Range): number =>
    requireInteger(name, given[name] ?? env[name] ?? DEFAULTS[name], range);
  return {
    timeoutMs: limit('timeoutMs', POSITIVE_MS),
    deadlineMs: limit('deadlineMs', POSITIVE_MS),
    concurrency: limit('concurrency', COUNT),
    maxPendingBytes: limit('maxPendingBytes', BYTES),
    quotaProbeMs: limit('quotaProbeMs', MS_OR_ZERO),
    shutdownTimeoutMs: limit('shutdownTimeoutMs', POSITIVE_MS),
  };
}

/**
 * Checks the options of a client and fills in environment and defaults.
 *
 * @throws ExporterError `config_invalid`, naming the option and what it expects, never its value.
 */
export function resolveClientConfig(
  given: ClientOptions,
  environment: Environment,
  deps: ConfigDeps,
): ClientConfig {
  requireKnownOptions(given, CLIENT_OPTION_NAMES);
  const env = environment.options;
  return Object.freeze({
    apiKey: requireApiKey(given.apiKey ?? env.apiKey),
    endpoint: requireEndpoint(given.url ?? env.url ?? DEFAULTS.url, given.allowInsecure),
    headers: requireHeaders(given.headers ?? env.headers ?? {}),
    ...resolveLimits(given, env),
    retry: resolveRetry(given.retry ?? {}),
    redaction: resolveRedactOptions(withKey(given.redact ?? {}, environment, deps)),
    spool: resolveSpoolConfig(given.spool, env.spool ?? {}),
    worker: resolveWorker(given, env.worker),
    dispatcher: given.dispatcher,
    meterProvider: given.meterProvider,
    onReceipt: requireCallback('onReceipt', given.onReceipt),
    onDrop: requireCallback('onDrop', given.onDrop),
    onQuarantine: requireCallback('onQuarantine', given.onQuarantine),
  });
}
