import { ExporterError, refuseConfig } from '../errors.ts';

// What a timer can hold; anything above would fire at once.
const LONGEST_MS = 2 ** 31 - 1;

/** The least and the greatest value of a numeric option. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Times in ms, at least one. */
export const POSITIVE_MS: Range = { min: 1, max: LONGEST_MS };
/** Times in ms where zero has a meaning of its own. */
export const MS_OR_ZERO: Range = { min: 0, max: LONGEST_MS };
/** Counts of things that exist at least once. */
export const COUNT: Range = { min: 1, max: 10_000 };
/** Counts that may be zero. */
export const COUNT_OR_ZERO: Range = { min: 0, max: 10_000 };
/** Sizes in bytes. */
export const BYTES: Range = { min: 1, max: Number.MAX_SAFE_INTEGER };

/**
 * The value when it is a whole number within the range.
 *
 * @throws ExporterError `config_invalid`, naming the option and the range.
 */
export function requireInteger(option: string, value: unknown, { min, max }: Range): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    refuseConfig(`${option} must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** Where requests go. */
export interface Endpoint {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path of the request, `/v1/events` after the prefix of the URL, if any. */
  readonly path: string;
  /** Whether the host is this machine. */
  readonly loopback: boolean;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function invalid(expected: string): ExporterError {
  return new ExporterError('config_invalid', `url must be ${expected}`);
}

const IPV4 = /^\d+(?:\.\d+){3}$/;

/** Whether the host is the one that stands there: the parser drops line breaks and counts numbers. */
function namesItsHost(text: string, { hostname }: URL): boolean {
  // oxlint-disable-next-line eslint/no-control-regex -- they are what is looked for
  if (/[\s\u0000-\u001f"'`\\]/.test(text)) return false;
  // What is percent-encoded there names another host than it seems to.
  if (/^[a-z]+:\/*[^/]*%/i.test(text)) return false;
  if (!/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(hostname)) return false;
  return !IPV4.test(hostname) || text.includes(hostname);
}

/**
 * Checks the option `url`. The message never repeats it: a URL may hold credentials.
 *
 * @throws ExporterError `config_invalid` for another scheme, cleartext to a foreign host,
 * credentials, query or fragment.
 */
export function requireEndpoint(value: unknown, allowInsecure: unknown): Endpoint {
  if (typeof value !== 'string' || !URL.canParse(value)) throw invalid('an absolute URL');
  const url = new URL(value);
  if (!namesItsHost(value.trim(), url)) throw invalid('an absolute URL');
  const loopback = LOOPBACK.test(url.hostname);
  if (url.username !== '' || url.password !== '') throw invalid('free of credentials');
  if (url.search !== '' || url.hash !== '') throw invalid('free of query and fragment');
  const insecure = url.protocol === 'http:' && (loopback || allowInsecure === true);
  if (url.protocol !== 'https:' && !insecure) {
    throw invalid('https (http only for loopback, or with allowInsecure)');
  }
  const prefix = url.pathname.replace(/\/+$/, '').replace(/(?:^|\/+)v1\/events$/, '');
  return { origin: url.origin, path: `${prefix}/v1/events`, loopback };
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\x20-\x7e]*$/;

// Those the exporter sets itself, and those that frame the message on the wire.
const RESERVED = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'request-id',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function isHeader([name, value]: readonly [string, unknown]): boolean {
  return NAME.test(name) && typeof value === 'string' && VALUE.test(value);
}

/**
 * Checks the option `headers`.
 *
 * @throws ExporterError `config_invalid` naming the header, never its value.
 */
export function requireHeaders(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuseConfig('headers must be an object of strings');
  }
  const names = new Set<string>();
  for (const entry of Object.entries(value)) {
    if (names.has(entry[0].toLowerCase())) {
      refuseConfig('headers must not name a header twice');
    }
    names.add(entry[0].toLowerCase());
    if (RESERVED.has(entry[0].toLowerCase())) {
      refuseConfig(`headers must not set ${entry[0].toLowerCase()}`);
    }
    if (!isHeader(entry)) {
      refuseConfig('headers must be printable ASCII strings under valid header names');
    }
  }
  return { ...value };
}

/**
 * Reads `name=value,name=value` as the `OTEL_EXPORTER_OTLP_HEADERS` are read: spaces around names
 * and values and empty entries do not count, values may be percent-encoded. `undefined` when an
 * entry has another form: half of a list may lead elsewhere than the whole.
 */
export function parseHeaderList(text: string): Readonly<Record<string, string>> | undefined {
  const entries: (readonly [string, string])[] = [];
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    const value = at < 1 ? undefined : percentDecoded(part.slice(at + 1).trim());
    if (value === undefined) return undefined;
    entries.push([part.slice(0, at).trim(), value]);
  }
  const names = new Set(entries.map(([name]) => name.toLowerCase()));
  // `fromEntries`, since an assignment to `__proto__` would go nowhere.
  return names.size === entries.length ? Object.fromEntries(entries) : undefined;
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Gives the bearer token of a request. */
export type ApiKeyProvider = () => string | Promise<string>;

const TOKEN = /^[\x21-\x7e]+$/;

/**
 * A token fit for a header, trimmed; `undefined` when it is not. Checked here so that no HTTP
 * library ever sees a bad one: some quote it in their error message.
 */
export function parseApiKey(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const token = value.trim();
  return TOKEN.test(token) ? token : undefined;
}

/**
 * Checks the option `apiKey`.
 *
 * @throws ExporterError `config_invalid` when it is missing or not fit for a header.
 */
export function requireApiKey(value: string | ApiKeyProvider | undefined): ApiKeyProvider {
  if (typeof value === 'function') return value;
  if (value === undefined) {
    refuseConfig('apiKey is required: give the option or set IMTBL_API_KEY');
  }
  const token = parseApiKey(value);
  if (token === undefined) {
    refuseConfig(
      'apiKey must be a string of printable ASCII without spaces, or a function that gives one',
    );
  }
  return () => token;
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** Reads a yes or no; `undefined` when it is neither. */
export function parseFlag(text: string): boolean | undefined {
  return FLAGS.get(text.toLowerCase());
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('/');
}

/**
 * Checks the option `ignorePaths`.
 *
 * @throws ExporterError `config_invalid`.
 */
export function requirePaths(value: readonly string[]): readonly string[] {
  const given: unknown = value;
  if (Array.isArray(given) && given.every(isPath)) return given;
  refuseConfig('ignorePaths must be an array of paths that start with /');
}

/**
 * Checks the option `service` or `env`.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function requireName(option: string, value: string | undefined): string | undefined {
  if (value !== undefined && (typeof value !== 'string' || value.trim() === '')) {
    refuseConfig(`${option} must be a string that is not empty`);
  }
  return value;
}
