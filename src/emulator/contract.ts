import type { ReceivedRequest } from './requests.ts';
import { MAX_BODY_BYTES } from './requests.ts';

/** The `meta` of an event: strings only, also where the value is a number by nature. */
export type Meta = Readonly<Record<string, string>>;

/** An event that the contract allows. */
export interface ContractEvent {
  readonly idempotencyKey: string;
  /** The exact payload text; its hash is over these bytes. */
  readonly payload: string;
  readonly meta: Meta;
}

/** Why a request was refused: the answer, before it is an answer. */
export interface Refusal {
  readonly status: number;
  /** In words, without any value of the request. */
  readonly reason: string;
  /** Headers the refusal brings along, such as `allow`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the contract says about a request. */
export type ContractVerdict =
  | { readonly ok: true; readonly event: ContractEvent }
  | { readonly ok: false; readonly refusal: Refusal };

/** A request that the contract of the ledger does not allow, as `violations()` shows it. */
export interface ContractViolation {
  /** HTTP status of the refusal. */
  readonly status: number;
  /** In words, without any value of the request. */
  readonly reason: string;
  /** Its Idempotency-Key; `undefined` when it had none. */
  readonly idempotencyKey: string | undefined;
  /** When it arrived, in milliseconds since the epoch. */
  readonly arrivedAtMs: number;
}

/**
 * Judges a request by the public contract of the ledger and by nothing else; pure.
 *
 * Path and method first, then the credential, then headers, size and body: a client without a key
 * learns nothing about its event.
 */
export function checkContract(
  request: ReceivedRequest,
  apiKey: string | undefined,
): ContractVerdict {
  const refusal = findHeadRefusal(request, apiKey);
  if (refusal !== undefined) return { ok: false, refusal };
  if (request.oversized || request.body.byteLength > MAX_BODY_BYTES) {
    return { ok: false, refusal: { status: 413, reason: 'payload_too_large' } };
  }
  const body = readBody(request.body);
  if ('fault' in body) return { ok: false, refusal: badRequest(body.fault) };
  const { payload, meta } = body;
  const requestId = request.headers['request-id'];
  if (
    requestId !== undefined &&
    Object.hasOwn(meta, 'request_id') &&
    requestId !== meta['request_id']
  ) {
    return { ok: false, refusal: badRequest('Request-Id must equal meta.request_id') };
  }
  const idempotencyKey = request.headers['idempotency-key'] ?? '';
  return { ok: true, event: { idempotencyKey, payload, meta } };
}

/** A refusal of the event itself. */
function badRequest(reason: string): Refusal {
  return { status: 400, reason };
}

const EVENTS_PATH = '/v1/events';
const MAX_KEY_CHARACTERS = 255;

function findHeadRefusal(
  request: ReceivedRequest,
  apiKey: string | undefined,
): Refusal | undefined {
  const [pathname] = request.path.split('?', 1);
  if (pathname !== EVENTS_PATH) return { status: 404, reason: 'not_found' };
  if (request.method !== 'POST') {
    return { status: 405, reason: 'method_not_allowed', headers: { allow: 'POST' } };
  }
  if (!isAuthorized(request.headers['authorization'], apiKey)) {
    return { status: 401, reason: 'invalid_api_key' };
  }
  const fault = findHeaderFault(request.headers);
  return fault === undefined ? undefined : badRequest(fault);
}

function isAuthorized(header: string | undefined, apiKey: string | undefined): boolean {
  const token = /^Bearer ([\x21-\x7e]+)$/.exec(header ?? '')?.[1];
  return token !== undefined && (apiKey === undefined || token === apiKey);
}

function findHeaderFault(headers: ReceivedRequest['headers']): string | undefined {
  const contentType = headers['content-type'] ?? '';
  if (!/^application\/json(?: *; *charset="?utf-8"?)?$/i.test(contentType)) {
    return 'Content-Type must be application/json';
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    return 'Content-Encoding is not supported';
  }
  const key = headers['idempotency-key'];
  if (key === undefined) return 'Idempotency-Key is missing';
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(key) || key.length > MAX_KEY_CHARACTERS) {
    return `Idempotency-Key must be 1 to ${MAX_KEY_CHARACTERS} printable ASCII characters`;
  }
  return undefined;
}

/** What is wrong with a body, in words without any value of it. */
interface BodyFault {
  readonly fault: string;
}

function readBody(bytes: Uint8Array): Pick<ContractEvent, 'payload' | 'meta'> | BodyFault {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { fault: 'the body is not valid UTF-8' };
  const parsed = parseJson(text);
  if (parsed === undefined) return { fault: 'the body is not JSON' };
  const { value } = parsed;
  if (!isEnvelope(value)) {
    return { fault: 'the body must be an object of exactly payload and meta' };
  }
  const { payload, meta } = value;
  if (typeof payload !== 'string') return { fault: 'payload must be a string' };
  if (!isMeta(meta)) return { fault: 'meta must be an object whose values are all strings' };
  const fault = findPayloadFault(payload) ?? findMetaFault(meta);
  return fault === undefined ? { payload, meta } : { fault };
}

function isEnvelope(value: unknown): value is { payload: unknown; meta: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  return (
    Object.keys(value).length === 2 &&
    Object.hasOwn(value, 'payload') &&
    Object.hasOwn(value, 'meta')
  );
}

/** Whether a parsed value can be a `meta` at all: an object whose every value is a string. */
export function isMeta(value: unknown): value is Meta {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === 'string')
  );
}

/** Bound of the `payload` text in UTF-8 bytes, the smaller of the vendor's two own values. */
const MAX_PAYLOAD_BYTES = 12_000;

function findPayloadFault(payload: string): string | undefined {
  if (!isWellFormed(payload)) return 'payload has a lone surrogate';
  if (Buffer.byteLength(payload, 'utf8') > MAX_PAYLOAD_BYTES) {
    return `payload must have at most ${MAX_PAYLOAD_BYTES} bytes`;
  }
  if (parseJson(payload) === undefined) return 'payload must be one JSON text';
  if (!hasWellFormedEscapes(payload)) return 'payload has a lone surrogate';
  return undefined;
}

const REQUIRED = ['type', 'event_name', 'service'] as const;
const TYPES: ReadonlySet<string> = new Set(['success', 'info', 'error', 'warning']);
const MAX_TRAIL_CHARACTERS = 256;
const MAX_ERROR_MESSAGE_CHARACTERS = 500;

/** A value that is present must pass every rule of its key; the text says what it must be. */
const RULES: readonly (readonly [key: string, passes: (value: string) => boolean, must: string])[] =
  [
    ['type', (value) => TYPES.has(value), 'be success, info, error or warning'],
    ['event_name', (value) => value.trim() !== '', 'not be empty'],
    ['service', (value) => value.trim() !== '', 'not be empty'],
    ['http_status', (value) => /^[0-9]+$/.test(value), 'be digits'],
    ['immutable_trail', (value) => value !== '', 'not be empty'],
    ['immutable_trail', (value) => value.trim() === value, 'have no space around it'],
    ['immutable_trail', (value) => !value.includes(':'), 'have no colon'],
    [
      'immutable_trail',
      (value) => hasAtMost(value, MAX_TRAIL_CHARACTERS),
      `have at most ${MAX_TRAIL_CHARACTERS} characters`,
    ],
    [
      'error_message',
      (value) => hasAtMost(value, MAX_ERROR_MESSAGE_CHARACTERS),
      `have at most ${MAX_ERROR_MESSAGE_CHARACTERS} characters`,
    ],
  ];

function findMetaFault(meta: Meta): string | undefined {
  const entries = Object.entries(meta);
  if (!entries.every(([key, value]) => isWellFormed(key) && isWellFormed(value))) {
    return 'meta has a lone surrogate';
  }
  const missing = REQUIRED.find((key) => !Object.hasOwn(meta, key));
  if (missing !== undefined) return `meta.${missing} is missing`;
  const broken = RULES.find(([key, passes]) => {
    const value = Object.hasOwn(meta, key) ? meta[key] : undefined;
    return value !== undefined && !passes(value);
  });
  return broken === undefined ? undefined : `meta.${broken[0]} must ${broken[2]}`;
}

/** Counts code points, as a person counts characters; most texts are decided by their length. */
function hasAtMost(text: string, characters: number): boolean {
  return text.length <= characters || Array.from(text).length <= characters;
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

// A byte order mark is kept: JSON allows none.
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether a text has no lone surrogate, so that it has exactly one encoding in UTF-8. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/**
 * Whether no `\uXXXX` escape in a JSON text that is well-formed itself stands for a lone surrogate.
 *
 * Source: RFC 7493 section 2.1, on which the canonical form of RFC 8785 stands.
 */
function hasWellFormedEscapes(json: string): boolean {
  if (!/\\u[dD]/.test(json)) return true;
  // Every escape is consumed whole, so that `\\ud800` (a backslash, then letters) is not one.
  const unescaped = json.replace(/\\(?:u([0-9a-fA-F]{4})|.)/g, (_escape, hex?: string) =>
    hex === undefined ? ' ' : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return isWellFormed(unescaped);
}
