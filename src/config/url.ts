import { ExporterError } from '../errors.ts';

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

/**
 * Checks the option `url`. The message never repeats it: a URL may hold credentials.
 *
 * @throws ExporterError `config_invalid` for another scheme, cleartext to a foreign host,
 * credentials, query or fragment.
 */
export function requireEndpoint(value: unknown, allowInsecure: unknown): Endpoint {
  if (typeof value !== 'string' || !URL.canParse(value)) throw invalid('an absolute URL');
  const url = new URL(value);
  const loopback = LOOPBACK.test(url.hostname);
  if (url.username !== '' || url.password !== '') throw invalid('free of credentials');
  if (url.search !== '' || url.hash !== '') throw invalid('free of query and fragment');
  const insecure = url.protocol === 'http:' && (loopback || allowInsecure === true);
  if (url.protocol !== 'https:' && !insecure) {
    throw invalid('https (http only for loopback, or with allowInsecure)');
  }
  const prefix = url.pathname.replace(/\/+$/, '');
  return { origin: url.origin, path: `${prefix}/v1/events`, loopback };
}
