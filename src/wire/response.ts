import type { Receipt } from '../outcome.ts';
import type { WireRequest } from './request.ts';

/**
 * Reads the answer to an accepted event. What decides is the status of the answer, so every
 * field may be missing or of another type and the body may be no JSON at all.
 */
export function parseReceipt(text: string, sent: WireRequest): Receipt {
  const answer = parse(text);
  return {
    txId: textField(answer, 'tx_id'),
    payloadHash: textField(answer, 'payload_hash'),
    duplicate: field(answer, 'duplicate') === true,
    requestId: textField(answer, 'request_id') ?? sent.requestId,
    status: textField(answer, 'status'),
    idempotencyKey: sent.idempotencyKey,
  };
}

/** What a body must hold at least to call the event a duplicate. */
const MAYBE_DUPLICATE = /"duplicate"\s*:\s*true/;

/**
 * The receipt where nobody wants to see it: whether the ledger had the event already, which is
 * counted, and nothing else of the answer. Reading all of it costs more than it is worth then.
 */
export function plainReceipt(text: string, sent: WireRequest): Receipt {
  if (MAYBE_DUPLICATE.test(text)) return parseReceipt(text, sent);
  const { requestId, idempotencyKey } = sent;
  return {
    txId: undefined,
    payloadHash: undefined,
    duplicate: false,
    requestId,
    status: undefined,
    idempotencyKey,
  };
}

/** The ledger's words for a refusal (`reason`), as they came; `undefined` where it gave none. */
export function parseReason(text: string): string | undefined {
  return textField(parse(text), 'reason');
}

function parse(text: string): object | undefined {
  // Many a proxy answers with nothing or with HTML, and an exception for each costs more than all
  // the rest of an exchange.
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function field(answer: object | undefined, name: string): unknown {
  if (answer === undefined || !Object.hasOwn(answer, name)) return undefined;
  const value: unknown = Reflect.get(answer, name);
  return value;
}

function textField(answer: object | undefined, name: string): string | undefined {
  const value = field(answer, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
