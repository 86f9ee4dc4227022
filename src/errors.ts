import type { DropReason } from './outcome.ts';

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
