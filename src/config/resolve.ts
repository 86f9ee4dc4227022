import { ExporterError } from '../errors.ts';
import type { RedactOptions } from '../redact/options.ts';
import type { ResolvedRedaction } from '../redact/resolve.ts';
import { resolveRedactOptions } from '../redact/resolve.ts';
import type { ApiKeyProvider } from './api-key.ts';
import { requireApiKey } from './api-key.ts';
import { DEFAULTS } from './defaults.ts';
import type { Environment } from './env.ts';
import { requireHeaders } from './headers.ts';
import type { Range } from './numbers.ts';
import { BYTES, COUNT, COUNT_OR_ZERO, MS_OR_ZERO, POSITIVE_MS, requireInteger } from './numbers.ts';
import { CLIENT_OPTION_NAMES, requireKnownOptions } from './option-names.ts';
import type { ClientOptions, RetryOptions } from './options.ts';
import type { SpoolConfig } from './spool.ts';
import { resolveSpoolConfig } from './spool.ts';
import type { Endpoint } from './url.ts';
import { requireEndpoint } from './url.ts';
import { resolveWorker } from './worker.ts';

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
