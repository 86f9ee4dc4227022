import type { Accepted, AwaitedOutcome, DropReason, Failure } from './outcome.ts';
import { assertNever } from './outcome.ts';

/** Why an operation of this package failed; stable across versions, made to be branched on. */
export type ErrorCode = 'config_invalid' | DropReason;

const BRAND = Symbol.for('opentelemetry-exporter-immutablelog.error');

/**
 * The only error class of this package.
 *
 * The message holds codes, counts, option names and HTTP statuses; never a payload, a key,
 * a header or a query string. What lies underneath, where it is safe to keep, is in `cause`.
 */
export class ExporterError extends Error {
  /** Always `ExporterError`. */
  override readonly name = 'ExporterError';
  /** What went wrong, from a closed list. */
  readonly code: ErrorCode;
  /** HTTP status of the answer that decided it; `undefined` when there was none. */
  readonly status: number | undefined;

  /**
   * Makes an error whose message is safe to show.
   *
   * @param code - what went wrong
   * @param message - one sentence without any value of the caller
   * @param options - what lies underneath, and the HTTP status, where there is one
   */
  constructor(
    code: ErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly status?: number | undefined },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options?.status;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether a value is an {@link ExporterError}, also one made by a second installed copy. */
export function isExporterError(value: unknown): value is ExporterError {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/**
 * The code of an error of Node or of a library, such as `ECONNRESET`: the part of it that is safe
 * to show, since messages may quote headers, paths and URLs. `undefined` where it has none.
 */
export function codeOf(error: unknown): string | undefined {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}

const SENTENCES: Readonly<Record<DropReason, string>> = {
  rejected: 'the ledger refused the event',
  retries_exhausted: 'the event was not accepted after all retries',
  deadline: 'the event was not accepted within its deadline',
  quota_exhausted: 'the quota of the ledger is used up',
  unauthorized: 'the ledger cannot be used as configured; check apiKey and url',
  queue_full: 'too many bytes are waiting to be sent',
  spool_full: 'the spool is full',
  shutdown: 'the client is closed or was closed meanwhile',
  aborted: 'the signal of the caller fired',
  encode_failed: 'the event could not be encoded',
};

/** The error for a lost event. */
export function dropError(reason: DropReason, { detail, status }: Failure): ExporterError {
  return new ExporterError(reason, `${SENTENCES[reason]} (${detail})`, { status });
}

/** The error for an event that is not in the ledger, though somebody awaited it there. */
export function undeliveredError(outcome: Exclude<AwaitedOutcome, Accepted>): ExporterError {
  const { failure } = outcome;
  switch (outcome.kind) {
    case 'quarantined':
      return new ExporterError(
        'rejected',
        `${SENTENCES.rejected} (${failure.detail}); it is kept in the quarantine of the spool`,
        { status: failure.status },
      );
    case 'parked':
      return new ExporterError(
        outcome.reason,
        `${SENTENCES[outcome.reason]} (${failure.detail}); the event is kept in the spool`,
        { status: failure.status },
      );
    case 'dropped':
      return dropError(outcome.reason, failure);
    default:
      return assertNever(outcome);
  }
}
