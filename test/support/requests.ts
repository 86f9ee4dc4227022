import type { WireRequest } from '../../src/wire/wire-request.ts';

let made = 0;

/** A request as the encoder makes it, small and unlike any other. */
export function wireRequest(overrides: Partial<WireRequest> = {}): WireRequest {
  made += 1;
  const body = JSON.stringify({ payload: `{"n":${made}}`, meta: { type: 'info' } });
  return {
    idempotencyKey: `key-${made}`,
    requestId: `request-${made}`,
    body,
    bytes: Buffer.byteLength(body),
    ...overrides,
  };
}
