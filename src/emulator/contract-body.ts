import { type Refusal, badRequest } from './contract-violation.ts';
import { type Meta, findMetaFault, isMeta } from './contract-meta.ts';
import { decodeUtf8, isWellFormed, isWellFormedJson } from './unicode.ts';

/** Bound of the `payload` text in UTF-8 bytes, the smaller of the vendor's two own values. */
const MAX_PAYLOAD_BYTES = 12_000;

/** What the body of a request says, once it is known to be right. */
export interface EventBody {
  /** The exact payload text; its hash is over these bytes. */
  readonly payload: string;
  readonly meta: Meta;
}

/** Reads a request body, or says why the ledger refuses it. */
export function readEventBody(
  bytes: Uint8Array,
): { readonly body: EventBody } | { readonly refusal: Refusal } {
  const text = decodeUtf8(bytes);
  if (text === undefined) return refuse('the body is not valid UTF-8');
  const parsed = parseJson(text);
  if (parsed === undefined) return refuse('the body is not JSON');
  const { value } = parsed;
  if (!isEnvelope(value)) return refuse('the body must be an object of exactly payload and meta');
  const { payload, meta } = value;
  if (typeof payload !== 'string') return refuse('payload must be a string');
  if (!isMeta(meta)) return refuse('meta must be an object whose values are all strings');
  const fault = findPayloadFault(payload) ?? findMetaFault(meta);
  return fault === undefined ? { body: { payload, meta } } : refuse(fault);
}

function findPayloadFault(payload: string): string | undefined {
  if (!isWellFormed(payload)) return 'payload has a lone surrogate';
  if (Buffer.byteLength(payload, 'utf8') > MAX_PAYLOAD_BYTES) {
    return `payload must have at most ${MAX_PAYLOAD_BYTES} bytes`;
  }
  if (parseJson(payload) === undefined) return 'payload must be one JSON text';
  if (!isWellFormedJson(payload)) return 'payload has a lone surrogate';
  return undefined;
}

function refuse(reason: string): { readonly refusal: Refusal } {
  return { refusal: badRequest(reason) };
}

/** Wrapped, because `null` and `undefined` must stay apart. */
function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}

function isEnvelope(value: unknown): value is { payload: unknown; meta: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  return (
    Object.keys(value).length === 2 &&
    Object.hasOwn(value, 'payload') &&
    Object.hasOwn(value, 'meta')
  );
}
