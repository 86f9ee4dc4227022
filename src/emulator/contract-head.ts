import { type Refusal, badRequest } from './contract-violation.ts';
import type { ReceivedRequest } from './received-request.ts';

/** The one path at which the ledger takes events. */
const EVENTS_PATH = '/v1/events';

const MAX_KEY_CHARACTERS = 255;

/** What is wrong with method, path or headers; `undefined` when all is right. */
export function findHeadRefusal(
  request: ReceivedRequest,
  apiKey: string | undefined,
): Refusal | undefined {
  if (pathname(request.path) !== EVENTS_PATH) return { status: 404, reason: 'not_found' };
  if (request.method !== 'POST') {
    return { status: 405, reason: 'method_not_allowed', headers: { allow: 'POST' } };
  }
  if (!isAuthorized(request.headers['authorization'], apiKey)) {
    return { status: 401, reason: 'invalid_api_key' };
  }
  return findHeaderFault(request.headers);
}

/** The request target without its query. */
function pathname(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

function isAuthorized(header: string | undefined, apiKey: string | undefined): boolean {
  const token = /^Bearer ([\x21-\x7e]+)$/.exec(header ?? '')?.[1];
  return token !== undefined && (apiKey === undefined || token === apiKey);
}

function findHeaderFault(headers: ReceivedRequest['headers']): Refusal | undefined {
  const contentType = headers['content-type'] ?? '';
  if (!/^application\/json(?: *; *charset="?utf-8"?)?$/i.test(contentType)) {
    return badRequest('Content-Type must be application/json');
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    return badRequest('Content-Encoding is not supported');
  }
  const key = headers['idempotency-key'];
  if (key === undefined) return badRequest('Idempotency-Key is missing');
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(key) || key.length > MAX_KEY_CHARACTERS) {
    return badRequest(
      `Idempotency-Key must be 1 to ${MAX_KEY_CHARACTERS} printable ASCII characters`,
    );
  }
  return undefined;
}
