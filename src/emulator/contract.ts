import { readEventBody } from './contract-body.ts';
import { findHeadRefusal } from './contract-head.ts';
import type { Meta } from './contract-meta.ts';
import { type Refusal, badRequest } from './contract-violation.ts';
import { MAX_BODY_BYTES, type ReceivedRequest } from './received-request.ts';

/** An event that the contract allows. */
export interface ContractEvent {
  readonly idempotencyKey: string;
  /** The exact payload text. */
  readonly payload: string;
  readonly meta: Meta;
}

/** What the contract says about a request. */
export type ContractVerdict =
  | { readonly ok: true; readonly event: ContractEvent }
  | { readonly ok: false; readonly refusal: Refusal };

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
  const headRefusal = findHeadRefusal(request, apiKey);
  if (headRefusal !== undefined) return { ok: false, refusal: headRefusal };
  if (request.oversized || request.body.byteLength > MAX_BODY_BYTES) {
    return { ok: false, refusal: { status: 413, reason: 'payload_too_large' } };
  }
  const read = readEventBody(request.body);
  if ('refusal' in read) return { ok: false, refusal: read.refusal };
  const { payload, meta } = read.body;
  const requestId = request.headers['request-id'];
  if (
    requestId !== undefined &&
    Object.hasOwn(meta, 'request_id') &&
    requestId !== meta['request_id']
  ) {
    return { ok: false, refusal: badRequest('Request-Id must equal meta.request_id') };
  }
  return {
    ok: true,
    event: { idempotencyKey: request.headers['idempotency-key'] ?? '', payload, meta },
  };
}
