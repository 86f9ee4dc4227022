import type { ContractEvent } from '../../src/emulator/contract.ts';
import type { LedgerEntry } from '../../src/emulator/ledger.ts';
import { GENESIS_HASH, sealEntry } from '../../src/emulator/ledger.ts';
import type { ReceivedRequest } from '../../src/emulator/requests.ts';

/** A moment for all tests: 2026-11-23T15:00:00.000Z. */
export const NOON = Date.UTC(2026, 10, 23, 15);

export const META = { type: 'success', event_name: 'user.created', service: 'billing' } as const;

export const HEADERS: Readonly<Record<string, string>> = {
  authorization: 'Bearer iml_live_0123456789',
  'content-type': 'application/json',
  'idempotency-key': 'key-1',
};

/** An event the ledger takes. */
export function sampleEvent(change: Partial<ContractEvent> = {}): ContractEvent {
  return { idempotencyKey: 'key-1', payload: '{"user_id":"usr_1"}', meta: META, ...change };
}

/** A ledger's first entries, of these events. */
export function sealedChain(events: readonly ContractEvent[], startAtMs = NOON): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (const [index, event] of events.entries()) {
    const receivedAt = new Date(startAtMs + index).toISOString();
    const previousHash = entries.at(-1)?.hash ?? GENESIS_HASH;
    entries.push(sealEntry({ ...event, sequence: index + 1, receivedAt, previousHash }));
  }
  return entries;
}

/** The first entry of a ledger, of an event with parts put in place of its own. */
export function sealedEntry(change: Partial<ContractEvent> = {}): LedgerEntry {
  const [entry] = sealedChain([sampleEvent(change)]);
  if (entry === undefined) throw new Error('a chain of one event has an entry');
  return entry;
}

/** The body text of an event. */
export function sampleBody(change: Record<string, unknown> = {}): string {
  return JSON.stringify({ payload: '{"user_id":"usr_1"}', meta: META, ...change });
}

/** A request the contract allows, with parts put in place of its own; `body` may be text. */
export function sampleRequest(
  change: Partial<Omit<ReceivedRequest, 'body'>> & { readonly body?: string | Uint8Array } = {},
): ReceivedRequest {
  const body = change.body ?? sampleBody();
  return {
    method: 'POST',
    path: '/v1/events',
    headers: HEADERS,
    oversized: false,
    arrivedAtMs: NOON,
    ...change,
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  };
}

/** The sample headers with some changed; `undefined` takes one away. */
export function headersWith(change: Record<string, string | undefined>): Record<string, string> {
  const merged = Object.entries({ ...HEADERS, ...change });
  return Object.fromEntries(
    merged.filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

/** Posts a request that the contract allows, but for what is put in place of its parts. */
export function post(url: string, init: RequestInit = {}): Promise<Response> {
  const event = { method: 'POST', headers: HEADERS, body: sampleBody() };
  return fetch(`${url}/v1/events`, { ...event, ...init });
}
