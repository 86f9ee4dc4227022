import { decodePercent } from './percent.ts';
import { redactPart, replacement, type UrlRedaction } from './url-part.ts';

/** What stands in place of a query value whose name is not on the allow-list. */
export const HIDDEN_VALUE = '[query]';

/**
 * Parameters that grant access to whoever holds the URL. The first seven are those OpenTelemetry
 * asks to redact always (semantic conventions for `url.full`).
 */
const SIGNATURES: ReadonlySet<string> = new Set([
  'awsaccesskeyid',
  'signature',
  'sig',
  'x-goog-signature',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-goog-credential',
]);

/** A parameter without a value that is a plain word, such as `?verbose`. */
const FLAG = /^[A-Za-z][A-Za-z_-]{0,31}$/u;

/** A value that is itself a reference with parameters, which the allow-list says nothing about. */
const NESTED = /[?#]/u;

function redactValue(name: string, value: string, options: UrlRedaction): string {
  const known = decodePercent(name).text.trim().toLowerCase();
  if (SIGNATURES.has(known)) return replacement(value, 'secret', options);
  const isHidden = !options.allow.has(known) || NESTED.test(decodePercent(value).text);
  return isHidden ? HIDDEN_VALUE : redactPart(value, options);
}

function redactParameter(parameter: string, options: UrlRedaction): string {
  const equals = parameter.indexOf('=');
  if (equals === -1) return parameter === '' || FLAG.test(parameter) ? parameter : HIDDEN_VALUE;
  const name = parameter.slice(0, equals);
  const value = parameter.slice(equals + 1);
  const written = value === '' ? '' : redactValue(name, value, options);
  return `${redactPart(name, options)}=${written}`;
}

/**
 * Redacts a query on its own (`a=b&c=d`, with or without the question mark), as `url.query` has
 * it. Names stay, unless personal data hides in them; values become `[query]` unless their name
 * is allowed, and are searched even then. Signatures always go.
 */
export function redactQuery(query: string, options: UrlRedaction): string {
  const mark = query.startsWith('?') ? '?' : '';
  const parameters = query.slice(mark.length).split(/([&;])/u);
  return mark + parameters.map((piece) => redactPiece(piece, options)).join('');
}

function redactPiece(piece: string, options: UrlRedaction): string {
  return piece === '&' || piece === ';' ? piece : redactParameter(piece, options);
}
