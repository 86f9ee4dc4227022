import type { MappingContext } from './context.ts';
import type { HttpFields } from './http-fields.ts';
import { httpClientAddress } from './http-fields.ts';
import type { AttributesLike } from './otel-types.ts';
import type { MetaDraft } from './meta.ts';
import { setMeta } from './meta.ts';

/** Sets `http_method`, `http_status` (digits) and `http_route`. */
export function setHttpMeta(meta: MetaDraft, http: HttpFields): void {
  setMeta(meta, 'http_method', http.method);
  setMeta(meta, 'http_route', http.route);
  setMeta(meta, 'http_status', http.status === undefined ? undefined : String(http.status));
}

/** Sets `client_ip` where the user opted in: the vendor advises against a raw address. */
export function setClientIp(
  meta: MetaDraft,
  context: MappingContext,
  attributes: AttributesLike,
): void {
  if (context.clientIp === 'raw') setMeta(meta, 'client_ip', httpClientAddress(attributes));
}
