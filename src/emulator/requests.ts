/** One HTTP request as it came in, whole, before anything judged it. */
export interface ReceivedRequest {
  readonly method: string;
  /** The request target: path and, where there is one, query. */
  readonly path: string;
  /** Header values by lower-case name; repeated headers joined by a comma and a space. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body bytes; empty when `oversized`. */
  readonly body: Uint8Array;
  /** Whether the body was above {@link MAX_BODY_BYTES} and therefore not kept. */
  readonly oversized: boolean;
  /** When its head arrived, in milliseconds since the epoch. */
  readonly arrivedAtMs: number;
}

/** Bound of a whole request body in bytes; above it the answer is 413. */
export const MAX_BODY_BYTES: number = 256 * 1024;

/** One request as `requests()` shows it: everything but the secrets. */
export interface RecordedRequest {
  /** HTTP method. */
  readonly method: string;
  /** The request target: path and, where there is one, query. */
  readonly path: string;
  /** Header values by lower-case name; credentials are replaced by `[hidden]`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text; empty when it was above the size bound. */
  readonly body: string;
  /** When it arrived, in milliseconds since the epoch. */
  readonly arrivedAtMs: number;
  /** The status it is answered with; `undefined` when the script cuts or hangs the connection. */
  readonly status: number | undefined;
  /**
   * Why it was not taken: the rule that it broke, in words and without any value of the request, or
   * `scripted` for a fault of the script; `undefined` for one that was taken.
   */
  readonly refusal: string | undefined;
}

/** A request that was not taken, as the page shows it: nothing that is in its body. */
export interface RefusedRequest extends Pick<
  RecordedRequest,
  'method' | 'path' | 'arrivedAtMs' | 'status'
> {
  /** Counts the refused requests of this emulator, from 1. */
  readonly number: number;
  readonly refusal: string;
  readonly idempotencyKey: string | undefined;
  /** Size of its body. */
  readonly bytes: number;
}

/** Which names may stand in a `Host` header, those of the page and those of a client. */
export interface HostRules {
  readonly isForPage: (host: string | undefined) => boolean;
  readonly isForClient: (host: string | undefined) => boolean;
}

const LOOPBACK_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/i;

/**
 * Makes the rules for an emulator.
 *
 * A page of another site can have its own name resolve to 127.0.0.1, and what it then asks for is of
 * the same origin as the emulator (DNS rebinding); its requests still carry its name here. An address
 * is no such name, so that a client may use those of a machine that others are meant to reach.
 *
 * @param listensOn - the address it listens on
 * @param allowed - names beside those of loopback
 */
export function createHostRules(listensOn: string, allowed: readonly string[]): HostRules {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  const isOpen = !LOOPBACK_NAME.test(listensOn) && listensOn !== '::1';
  const isKnown = (name: string): boolean => LOOPBACK_NAME.test(name) || names.has(name);
  const nameIn = (host: string): string => host.toLowerCase().replace(/:\d{1,5}$/, '');
  return {
    isForPage: (host) => host !== undefined && isKnown(nameIn(host)),
    // Only a browser can be misled, and every browser sends the header.
    isForClient: (host) =>
      host === undefined || isKnown(nameIn(host)) || (isOpen && ADDRESS.test(nameIn(host))),
  };
}

const HIDDEN = '[hidden]';
const CREDENTIALS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
]);

/** What is remembered of a request that is not answered yet. */
export function recordRequest(request: ReceivedRequest): RecordedRequest {
  return {
    method: request.method,
    path: request.path,
    headers: withoutCredentials(request.headers),
    body: Buffer.from(
      request.body.buffer,
      request.body.byteOffset,
      request.body.byteLength,
    ).toString(),
    arrivedAtMs: request.arrivedAtMs,
    status: undefined,
    refusal: undefined,
  };
}

function withoutCredentials(headers: ReceivedRequest['headers']): RecordedRequest['headers'] {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    shown[name] = CREDENTIALS.has(name) ? hide(value) : value;
  }
  return shown;
}

/** Keeps the scheme, so that a test can still see that a bearer token was sent. */
function hide(value: string): string {
  return value.startsWith('Bearer ') ? `Bearer ${HIDDEN}` : HIDDEN;
}
