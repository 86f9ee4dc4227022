import { ExporterError } from '../errors.ts';

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
    throw new ExporterError(
      'config_invalid',
      'apiKey is required: give the option or set IMTBL_API_KEY',
    );
  }
  const token = parseApiKey(value);
  if (token === undefined) {
    throw new ExporterError(
      'config_invalid',
      'apiKey must be a string of printable ASCII without spaces, or a function that gives one',
    );
  }
  return () => token;
}
