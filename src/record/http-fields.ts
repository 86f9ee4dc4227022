import type { AttributesLike } from './otel-types.ts';

/** What HTTP semantic conventions say about a request; a field without a value is `undefined`. */
export interface HttpFields {
  /** Upper case. */
  readonly method: string | undefined;
  readonly status: number | undefined;
  /** The template (`/users/:id`), never the concrete path. */
  readonly route: string | undefined;
}

const NO_FIELDS: HttpFields = { method: undefined, status: undefined, route: undefined };

const CLIENT_ADDRESS_KEYS = [
  'client.address',
  'http.client_ip',
  'network.peer.address',
  'net.sock.peer.addr',
  'net.peer.ip',
];

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function statusCode(value: unknown): number | undefined {
  const code = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  const isStatus = typeof code === 'number' && Number.isInteger(code) && code >= 100 && code <= 599;
  return isStatus ? code : undefined;
}

/**
 * Reads method, status and route by the stable HTTP semantic conventions
 * (`http.request.method`) and by those before 1.23 (`http.method`).
 */
export function httpFields(attributes: AttributesLike): HttpFields {
  const method = text(attributes['http.request.method'] ?? attributes['http.method']);
  const status = statusCode(
    attributes['http.response.status_code'] ?? attributes['http.status_code'],
  );
  if (method === undefined && status === undefined) return NO_FIELDS;
  return { method: method?.toUpperCase(), status, route: text(attributes['http.route']) };
}

function pathOfTarget(target: string): string {
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}

function pathOfUrl(url: string): string | undefined {
  const authority = url.indexOf('://');
  if (authority < 0) return undefined;
  const path = url.slice(authority + 3).search(/[/?#]/);
  return path < 0 ? '/' : pathOfTarget(url.slice(authority + 3 + path)) || '/';
}

/** Reads the concrete path of a request, without its query. */
export function httpPath(attributes: AttributesLike): string | undefined {
  const path = text(attributes['url.path']);
  if (path !== undefined) return path;
  const target = text(attributes['http.target']);
  if (target !== undefined) return pathOfTarget(target);
  const url = text(attributes['url.full']) ?? text(attributes['http.url']);
  return url === undefined ? undefined : pathOfUrl(url);
}

/** Reads the address of the client of a server, by the most trusted name that is there. */
export function httpClientAddress(attributes: AttributesLike): string | undefined {
  for (const key of CLIENT_ADDRESS_KEYS) {
    const address = text(attributes[key]);
    if (address !== undefined) return address;
  }
  return undefined;
}
