import { ExporterError } from '../errors.ts';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\x20-\x7e]*$/;

// Those the exporter sets itself, and those that frame the message on the wire.
const RESERVED = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'request-id',
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
  if (typeof value !== 'object' || value === null) {
    throw new ExporterError('config_invalid', 'headers must be an object of strings');
  }
  for (const entry of Object.entries(value)) {
    if (RESERVED.has(entry[0].toLowerCase())) {
      throw new ExporterError('config_invalid', `headers must not set ${entry[0].toLowerCase()}`);
    }
    if (!isHeader(entry)) {
      throw new ExporterError(
        'config_invalid',
        'headers must be printable ASCII strings under valid header names',
      );
    }
  }
  return { ...value };
}

/** Reads `name=value,name=value`; `undefined` when it has another form. */
export function parseHeaderList(text: string): Readonly<Record<string, string>> | undefined {
  const headers: Record<string, string> = {};
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    if (at < 1) return undefined;
    headers[part.slice(0, at).trim()] = part.slice(at + 1).trim();
  }
  return headers;
}
