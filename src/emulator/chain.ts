import { GENESIS_HASH, type LedgerEntry, sealEntry } from './ledger-entry.ts';

/** What verifying a chain found. */
export type ChainVerdict =
  | {
      /** No entry was tampered with. */
      readonly ok: true;
      /** How many entries the chain has. */
      readonly events: number;
      /** Hash of the newest entry. Only a head kept elsewhere shows that the end was cut off. */
      readonly head: string;
    }
  | {
      /** An entry does not fit. */
      readonly ok: false;
      /** The first place in the chain, from 1 on, that does not hold. */
      readonly sequence: number;
      /** In words, without any value of the entry. */
      readonly reason: string;
    };

/**
 * Computes the whole chain again from the entries alone and compares every field.
 *
 * A changed, removed, added, swapped or repeated entry is found at its place; so is a field that
 * only follows from others, such as `eventName`.
 */
export function verifyChain(entries: readonly LedgerEntry[]): ChainVerdict {
  let head = GENESIS_HASH;
  for (const [index, entry] of entries.entries()) {
    const sequence = index + 1;
    const reason = findTampering(entry, { sequence, previousHash: head });
    if (reason !== undefined) return { ok: false, sequence, reason };
    head = entry.hash;
  }
  return { ok: true, events: entries.length, head };
}

function findTampering(
  entry: LedgerEntry,
  place: { readonly sequence: number; readonly previousHash: string },
): string | undefined {
  if (entry.sequence !== place.sequence) return 'sequence is not the next number';
  if (entry.previousHash !== place.previousHash) return 'previousHash is not the hash before';
  const expected = new Map<string, unknown>(Object.entries(sealEntry({ ...entry })));
  const actual = new Map<string, unknown>(Object.entries(entry));
  for (const [field, value] of expected) {
    // `meta` is an object of its own on both sides; the hash says whether its content is the same.
    if (field !== 'meta' && actual.get(field) !== value)
      return `${field} does not match the sealed event`;
  }
  return actual.size === expected.size ? undefined : 'the entry has a field that was not sealed';
}
