import type { WireRequest } from '../../src/wire/request.ts';

let made = 0;

/** The two fields of an event that are made of its text. */
export function bodyOf(text: string): Pick<WireRequest, 'body' | 'bytes'> {
  const body = Buffer.from(text);
  return { body, bytes: body.byteLength };
}

/** A request as the encoder makes it, small and unlike any other. */
export function wireRequest(overrides: Partial<WireRequest> = {}): WireRequest {
  made += 1;
  const text = JSON.stringify({ payload: `{"n":${made}}`, meta: { type: 'info' } });
  return {
    idempotencyKey: `key-${made}`,
    requestId: `request-${made}`,
    ...bodyOf(text),
    ...overrides,
  };
}
