import { ExporterError } from '../errors.ts';
import { type DigestKey, importDigestKey } from './digest.ts';
import type { RedactKey } from './options.ts';
import { requireKnownNames } from './require-option.ts';

const MIN_SECRET_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

function requireKeyId(id: unknown): string {
  if (typeof id !== 'string' || !KEY_ID.test(id)) {
    throw new ExporterError(
      'config_invalid',
      'redact.key.id must be 1 to 32 characters of A-Z a-z 0-9 _ -',
    );
  }
  return id;
}

function requireSecret(secret: unknown): Uint8Array {
  const bytes = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret;
  if (!(bytes instanceof Uint8Array) || bytes.byteLength < MIN_SECRET_BYTES) {
    throw new ExporterError(
      'config_invalid',
      `redact.key.secret must be a string or bytes of at least ${MIN_SECRET_BYTES} bytes`,
    );
  }
  return bytes;
}

/**
 * Checks one key and takes its secret into a form that no log or dump shows.
 *
 * @throws ExporterError `config_invalid` when id or secret do not hold what {@link RedactKey} says.
 */
export function resolveKey(key: RedactKey): DigestKey {
  requireKnownNames('redact.key', key, ['id', 'secret']);
  return importDigestKey(requireKeyId(key.id), requireSecret(key.secret));
}

/**
 * Checks `redact.key`: none, one, or several of which the first is the active one.
 *
 * @throws ExporterError `config_invalid` for a bad key and for an id given twice.
 */
export function resolveKeys(
  key: RedactKey | readonly RedactKey[] | undefined,
): readonly DigestKey[] {
  if (key === undefined) return [];
  const keys = [key].flat().map(resolveKey);
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) {
    throw new ExporterError('config_invalid', 'redact.key must not hold two keys of one id');
  }
  return keys;
}

/**
 * Reads the environment form of a key, `<id>:<base64>`.
 *
 * @throws ExporterError `config_invalid` when it has another form or is too short.
 */
export function parseRedactKey(text: string): RedactKey {
  const colon = text.indexOf(':');
  const encoded = text.slice(colon + 1).trim();
  if (colon < 0 || !BASE64.test(encoded)) {
    throw new ExporterError('config_invalid', 'a redaction key must have the form <id>:<base64>');
  }
  return {
    id: requireKeyId(text.slice(0, colon).trim()),
    secret: requireSecret(Buffer.from(encoded, 'base64')),
  };
}
