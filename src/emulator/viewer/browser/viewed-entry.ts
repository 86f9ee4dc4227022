/** One entry of the ledger as the page got it: the fields it knows, of the types it needs. */
export interface ViewedEntry {
  readonly sequence: number;
  readonly receivedAt: string;
  readonly idempotencyKey: string;
  readonly requestId: string;
  readonly eventName: string;
  readonly type: string;
  readonly service: string;
  readonly env: string;
  readonly traceId?: string;
  readonly payload: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly payloadHash: string;
  readonly txId: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** Reads one message of the stream. @throws SyntaxError when it is no list of entries. */
export function readEntries(message: string): readonly ViewedEntry[] {
  const value: unknown = JSON.parse(message);
  if (Array.isArray(value) && value.every(isEntry)) return value;
  throw new SyntaxError('the message is no list of entries');
}

const TEXTS = [
  'receivedAt',
  'idempotencyKey',
  'requestId',
  'eventName',
  'type',
  'service',
  'env',
  'payload',
  'payloadHash',
  'txId',
  'previousHash',
  'hash',
] as const satisfies readonly (keyof ViewedEntry)[];

function isEntry(value: unknown): value is ViewedEntry {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const meta = fields.get('meta');
  return (
    typeof fields.get('sequence') === 'number' &&
    TEXTS.every((field) => typeof fields.get(field) === 'string') &&
    ['string', 'undefined'].includes(typeof fields.get('traceId')) &&
    typeof meta === 'object' &&
    meta !== null &&
    Object.values(meta).every((item) => typeof item === 'string')
  );
}
