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
