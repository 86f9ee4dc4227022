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

/**
 * Refuses a configuration.
 *
 * It is thrown here, where no words are: Node shows the line of an error that nobody caught, and
 * would say everything twice.
 *
 * @throws ExporterError `config_invalid`
 */
export function refuseConfig(sentence: string): never {
  throw new ExporterError('config_invalid', sentence);
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

/**
 * What somebody may have meant who wrote a name that is not among the known ones: the one that is
 * at most two letters away, or three of a long name, else the first that begins with it; `undefined`
 * where none is near.
 */
export function nearestName(written: string, known: Iterable<string>): string | undefined {
  const word = lettersOf(written);
  const names = [...known];
  let nearest = names.find((name) => word.length > 2 && lettersOf(name).startsWith(word));
  let least = Math.min(word.length >= 8 ? 3 : 2, Math.ceil(word.length / 3)) + 1;
  for (const name of names) {
    const distance = distanceBetween(word, lettersOf(name));
    if (distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

/**
 * The error for an option that does not exist.
 *
 * @param written - its whole path, such as `retry.maxRetry`
 * @param meant - the whole path of what may be meant
 */
export function unknownOption(written: string, meant: string | undefined): ExporterError {
  const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  const name = written.slice(0, COMPARED_UNITS).replace(/[^\x20-\x7e]/g, '?');
  return new ExporterError('config_invalid', `unknown option ${name}${hint}`);
}

/** The path of an option inside of another; of one outside of all it is its name. */
export function optionPath(within: string, name: string): string {
  return within === '' ? name : `${within}.${name}`;
}

const COMPARED_UNITS = 64;

/** Without case and separators, which are what is mistaken most. */
function lettersOf(name: string): string {
  return name.slice(0, COMPARED_UNITS).toLowerCase().replace(/[_-]/g, '');
}

function isSwap(a: string, b: string, i: number, j: number): boolean {
  return i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
}

/** How many letters are to be added, left out or replaced, or swapped with their neighbour. */
function distanceBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced);
      if (isSwap(a, b, i, j)) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
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
