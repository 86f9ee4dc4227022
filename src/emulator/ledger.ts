import { type ChainVerdict, verifyChain } from './chain.ts';
import type { ContractEvent } from './contract.ts';
import { GENESIS_HASH, type LedgerEntry, sealEntry } from './ledger-entry.ts';

/** Where a ledger is kept beyond the process. */
export interface LedgerStore {
  /** All entries kept so far, oldest first. */
  load(): readonly LedgerEntry[];
  /** Keeps one entry; it is kept when this returns. @throws whatever the storage throws. */
  append(entry: LedgerEntry): void;
  /** Lets go of the storage. */
  close(): void;
}

/** What became of an event that was offered to the ledger. */
export type Appended =
  | { readonly kind: 'sealed'; readonly entry: LedgerEntry }
  /** The same key and the same event were there already: `entry` is the first one. */
  | { readonly kind: 'repeated'; readonly entry: LedgerEntry }
  /** The key was there already, with another event. */
  | { readonly kind: 'conflict' }
  /** The storage failed; nothing was added. */
  | { readonly kind: 'failed' };

/**
 * An append-only chain of events.
 *
 * - One idempotency key stands for one event, also after a restart from the store.
 * - An entry is in the store before anyone is told of it.
 * - Nothing changes or removes an entry; appending costs the same at any length.
 */
export interface Ledger {
  /** Seals an event, or finds that it is there already. */
  append(event: ContractEvent, receivedAtMs: number): Appended;
  /** All entries, oldest first, as a copy. */
  entries(): readonly LedgerEntry[];
  /** At most `limit` entries behind the first `position` ones, oldest first, as a copy. */
  after(position: number, limit: number): readonly LedgerEntry[];
  /** Recomputes the chain. */
  verify(): ChainVerdict;
  /** Lets go of the store. */
  close(): void;
}

/** Creates a ledger, in memory only unless a store is given. */
export function createLedger(store?: LedgerStore): Ledger {
  const entries: LedgerEntry[] = [...(store?.load() ?? [])];
  const byKey = new Map(entries.map((entry) => [entry.idempotencyKey, entry]));
  return {
    append(event, receivedAtMs) {
      const first = byKey.get(event.idempotencyKey);
      if (first !== undefined) {
        return isSameEvent(first, event)
          ? { kind: 'repeated', entry: first }
          : { kind: 'conflict' };
      }
      const entry = sealEntry({
        ...event,
        sequence: entries.length + 1,
        receivedAt: new Date(receivedAtMs).toISOString(),
        previousHash: entries.at(-1)?.hash ?? GENESIS_HASH,
      });
      try {
        store?.append(entry);
      } catch {
        return { kind: 'failed' };
      }
      entries.push(entry);
      byKey.set(entry.idempotencyKey, entry);
      return { kind: 'sealed', entry };
    },
    entries: () => [...entries],
    after: (position, limit) => entries.slice(position, position + limit),
    verify: () => verifyChain(entries),
    close: () => store?.close(),
  };
}

/** Compares the bytes, order of keys included: a repeat must be the request that was sent before. */
function isSameEvent(first: LedgerEntry, event: ContractEvent): boolean {
  return (
    first.payload === event.payload && JSON.stringify(first.meta) === JSON.stringify(event.meta)
  );
}
