import type { DropReason, Receipt } from '../outcome.ts';
import type { LogSelection, SpanSelection } from '../record/select.ts';
import type { RedactOptions } from '../redact/options.ts';
import type { MeterProvider } from '@opentelemetry/api';
import type { Dispatcher } from 'undici';

/** What callbacks are told of an event: its key and its `meta`, redacted; never the payload. */
export interface EventSummary {
  /** The key under which it is sent; empty when it could not even be encoded. */
  readonly idempotencyKey: string;
  /** The ledger's `meta`, redacted. */
  readonly meta: Readonly<Record<string, string>>;
}

/** How often and how patiently a send is repeated. */
export interface RetryOptions {
  /**
   * Repetitions after the first attempt; `0` means one attempt.
   *
   * @defaultValue `5`
   */
  readonly maxRetries?: number | undefined;
  /**
   * Upper bound of the first wait in ms; it doubles with each retry. The wait itself is drawn at
   * random below the bound (full jitter).
   *
   * @defaultValue `500`
   */
  readonly initialDelayMs?: number | undefined;
  /**
   * Upper bound of any wait in ms, unless the server asks for more.
   *
   * @defaultValue `60_000`
   */
  readonly maxDelayMs?: number | undefined;
}

/** Where events are kept until they are in the ledger. */
export interface SpoolOptions {
  /**
   * Directory for it, made with mode 0700 if it is not there; there is no default. Several
   * processes may share one. Environment: `IMTBL_SPOOL_DIR`.
   */
  readonly directory?: string | undefined;
  /**
   * Most bytes on disk; above it events are refused and counted as `spool_full`.
   * Environment: `IMTBL_SPOOL_MAX_BYTES`.
   *
   * @defaultValue 1 GiB
   */
  readonly maxBytes?: number | undefined;
}

/** How records become events; taken by the exporters and by the client. */
export interface MappingOptions {
  /**
   * Name of the service. Order: this option, `service.name` of the resource (unless it is
   * `unknown_service…`), `IMTBL_SERVICE_NAME`, `unknown_service`.
   */
  readonly service?: string | undefined;
  /**
   * Name of the environment. Order: this option, `deployment.environment.name` or
   * `deployment.environment` of the resource, `IMTBL_ENV`, `production`.
   */
  readonly env?: string | undefined;
  /**
   * Which spans become events. Environment: `IMTBL_SPANS`.
   *
   * @defaultValue `'all'`
   */
  readonly spans?: SpanSelection | undefined;
  /**
   * Which log records become events. Environment: `IMTBL_LOGS`.
   *
   * @defaultValue `'all'`
   */
  readonly logs?: LogSelection | undefined;
  /**
   * Server spans whose path equals one of these or lies below it are left out and counted as
   * `filtered`. Environment: `IMTBL_IGNORE_PATHS`, separated by commas.
   *
   * @defaultValue `['/health', '/healthz', '/metrics']`
   */
  readonly ignorePaths?: readonly string[] | undefined;
  /**
   * Ledger type of WARN records; `'warning'` where the account takes that type.
   *
   * @defaultValue `'info'`
   */
  readonly warningType?: 'info' | 'warning' | undefined;
  /**
   * `'raw'` sends the client's address as `meta.client_ip`; by default it travels only as a digest.
   *
   * @defaultValue `'off'`
   */
  readonly clientIp?: 'off' | 'raw' | undefined;
}

/** Where events go and what happens on the way; all but the key may be left out. */
export interface ClientOptions extends Pick<MappingOptions, 'service' | 'env'> {
  /**
   * Bearer token, or a function that gives it; it is asked once, and again after the ledger
   * refused the token. Environment: `IMTBL_API_KEY`.
   */
  readonly apiKey?: string | (() => string | Promise<string>) | undefined;
  /**
   * Origin (and path prefix, if any) of the ledger; https, or http on loopback.
   * Environment: `IMTBL_URL`.
   *
   * @defaultValue `'https://api.immutablelog.com'`
   */
  readonly url?: string | undefined;
  /**
   * Permits http to a host that is not loopback; the key then travels in the clear.
   * Environment: `IMTBL_ALLOW_INSECURE`.
   *
   * @defaultValue `false`
   */
  readonly allowInsecure?: boolean | undefined;
  /**
   * Extra request headers. Environment: `IMTBL_HEADERS` as `name=value,name=value`, values
   * percent-encoded where they hold commas.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Wall clock of one attempt in ms, headers and body. Environment: `IMTBL_TIMEOUT_MS`.
   *
   * @defaultValue `5_000`
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Wall clock of one event in ms, all attempts and waits.
   *
   * @defaultValue `25_000`
   */
  readonly deadlineMs?: number | undefined;
  /** How a failed attempt is repeated. */
  readonly retry?: RetryOptions | undefined;
  /**
   * Requests in flight at once, over all exporters that share a client.
   * Environment: `IMTBL_CONCURRENCY`.
   *
   * @defaultValue `32`
   */
  readonly concurrency?: number | undefined;
  /**
   * Memory for events that wait, in bytes: the encoded event, and 768 for what belongs to it. Above
   * it events are dropped as `queue_full`.
   *
   * @defaultValue 64 MiB
   */
  readonly maxPendingBytes?: number | undefined;
  /**
   * After a used-up quota one new event is let through every so many ms, to see whether the
   * month has turned; `0` for never.
   *
   * @defaultValue `3_600_000`
   */
  readonly quotaProbeMs?: number | undefined;
  /**
   * Total time in ms of `close()`, `shutdown()` and an exporter's `forceFlush()`.
   *
   * @defaultValue `5_000`
   */
  readonly shutdownTimeoutMs?: number | undefined;
  /**
   * How personal data and secrets are taken out. Environment: `IMTBL_REDACT_KEY`,
   * `IMTBL_REDACT_RULES`, `IMTBL_REDACT_MODE`, `IMTBL_REDACT_DETECT`.
   */
  readonly redact?: RedactOptions | undefined;
  /**
   * Keeps every event on disk until the ledger has it: over outages, crashes and a used-up quota.
   * Off by default.
   */
  readonly spool?: SpoolOptions | undefined;
  /**
   * Delivers from a worker thread: spool, retries and sockets cost the main thread nothing. Mapping
   * and redaction stay on the main thread. Does not go with `dispatcher`. Environment:
   * `IMTBL_WORKER`.
   *
   * @defaultValue `false`
   */
  readonly worker?: boolean | undefined;
  /** Any undici dispatcher (proxy, mTLS, tests); it is left open at the end. */
  readonly dispatcher?: Dispatcher | undefined;
  /** Where the exporters' own metrics go; by default the global provider. */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Told of every accepted event, in the asynchronous context in which the client was made. What it
   * throws is counted and ignored.
   */
  readonly onReceipt?: ((receipt: Receipt, event: EventSummary) => void) | undefined;
  /** Told of every lost event, likewise. What it throws is counted and ignored. */
  readonly onDrop?: ((reason: DropReason, event: EventSummary) => void) | undefined;
  /**
   * Told of every event that the ledger refused for good and that is kept in the quarantine of the
   * spool, with the HTTP status. What it throws is counted and ignored.
   */
  readonly onQuarantine?: ((status: number | undefined, event: EventSummary) => void) | undefined;
}

/** Options of an exporter that makes its own client. */
export interface ImmutableLogOptions extends ClientOptions, MappingOptions {}
