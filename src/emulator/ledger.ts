import type { ContractEvent, Meta } from './contract.ts';
import { isMeta } from './contract.ts';
import { hash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
} from 'node:fs';

/** One sealed event of the ledger; frozen. */
export interface LedgerEntry {
  /** Place in the chain, from 1 on, without gaps. */
  readonly sequence: number;
  /** When the ledger took it, ISO 8601 in UTC. */
  readonly receivedAt: string;
  /** The key under which it was sent. */
  readonly idempotencyKey: string;
  /** `meta.request_id`, else the idempotency key. */
  readonly requestId: string;
  /** `meta.event_name`. */
  readonly eventName: string;
  /** `meta.type`. */
  readonly type: string;
  /** `meta.service`. */
  readonly service: string;
  /** `meta.env`, else `meta.environment`, else empty. */
  readonly env: string;
  /** `meta.trace_id`; absent when the event has none. */
  readonly traceId?: string;
  /** The exact payload text as it was sent. */
  readonly payload: string;
  /** Its `meta` as sent. */
  readonly meta: Meta;
  /** SHA-256 of the UTF-8 bytes of `payload`, 64 lower-case hex digits. */
  readonly payloadHash: string;
  /** Transaction id, made from `hash`. */
  readonly txId: string;
  /** `hash` of the entry before; 64 zeros in the first one. */
  readonly previousHash: string;
  /** SHA-256 over the fields above that were sent, the sequence and `previousHash`; 64 hex digits. */
  readonly hash: string;
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
export class Ledger {
  readonly #store: LedgerStore | undefined;
  readonly #entries: LedgerEntry[];
  readonly #byKey: Map<string, LedgerEntry>;

  /** Takes up the ledger of a store; without one it is in memory only. */
  constructor(store?: LedgerStore) {
    this.#store = store;
    this.#entries = [...(store?.load() ?? [])];
    this.#byKey = new Map(this.#entries.map((entry) => [entry.idempotencyKey, entry]));
  }

  /** Seals an event, or finds that it is there already. */
  append(event: ContractEvent, receivedAtMs: number): Appended {
    const first = this.#byKey.get(event.idempotencyKey);
    if (first !== undefined) {
      return isSameEvent(first, event) ? { kind: 'repeated', entry: first } : { kind: 'conflict' };
    }
    const entry = sealEntry({
      ...event,
      sequence: this.#entries.length + 1,
      receivedAt: new Date(receivedAtMs).toISOString(),
      previousHash: this.#entries.at(-1)?.hash ?? GENESIS_HASH,
    });
    try {
      this.#store?.append(entry);
    } catch {
      return { kind: 'failed' };
    }
    this.#entries.push(entry);
    this.#byKey.set(entry.idempotencyKey, entry);
    return { kind: 'sealed', entry };
  }

  /** All entries, oldest first, as a copy. */
  entries(): readonly LedgerEntry[] {
    return [...this.#entries];
  }

  /** At most `limit` entries behind the first `position` ones, oldest first, as a copy. */
  after(position: number, limit: number): readonly LedgerEntry[] {
    return this.#entries.slice(position, position + limit);
  }

  /** Computes the chain again and says whether every entry is as it was sealed. */
  verify(): ChainVerdict {
    return verifyChain(this.#entries);
  }

  /** Lets go of the store. */
  close(): void {
    this.#store?.close();
  }
}

/** Compares the bytes, order of keys included: a repeat must be the request that was sent before. */
function isSameEvent(first: LedgerEntry, event: ContractEvent): boolean {
  return (
    first.payload === event.payload && JSON.stringify(first.meta) === JSON.stringify(event.meta)
  );
}

/** What an entry is made from; everything else in it can be computed again from this. */
interface EntrySource extends ContractEvent {
  readonly sequence: number;
  readonly receivedAt: string;
  readonly previousHash: string;
}

/** The `previousHash` of the first entry. */
export const GENESIS_HASH: string = '0'.repeat(64);

/**
 * The text an entry's `hash` is over: the JSON array
 * `[sequence, previousHash, receivedAt, idempotencyKey, payload, [[key, value], …]]` without white
 * space, the `meta` pairs sorted by key in UTF-16 code units. All other fields follow from these.
 */
function chainText(source: EntrySource): string {
  const pairs = Object.entries(source.meta).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    source.sequence,
    source.previousHash,
    source.receivedAt,
    source.idempotencyKey,
    source.payload,
    pairs,
  ]);
}

/** Seals an event into an entry. The same source always gives the same entry. */
export function sealEntry(source: EntrySource): LedgerEntry {
  const { meta } = source;
  const sealed = hash('sha256', chainText(source), 'hex');
  const traceId = meta['trace_id'];
  return Object.freeze({
    sequence: source.sequence,
    receivedAt: source.receivedAt,
    idempotencyKey: source.idempotencyKey,
    requestId: meta['request_id'] ?? source.idempotencyKey,
    eventName: meta['event_name'] ?? '',
    type: meta['type'] ?? '',
    service: meta['service'] ?? '',
    env: meta['env'] ?? meta['environment'] ?? '',
    ...(traceId === undefined ? {} : { traceId }),
    payload: source.payload,
    meta: Object.freeze({ ...meta }),
    payloadHash: hash('sha256', source.payload, 'hex'),
    txId: `tx_${sealed.slice(0, 32)}`,
    previousHash: source.previousHash,
    hash: sealed,
  });
}

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
function verifyChain(entries: readonly LedgerEntry[]): ChainVerdict {
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

/** Where a ledger is kept beyond the process. */
export interface LedgerStore {
  /** All entries kept so far, oldest first. */
  load(): readonly LedgerEntry[];
  /** Keeps one entry; it is kept when this returns. @throws whatever the storage throws. */
  append(entry: LedgerEntry): void;
  /** Lets go of the storage. */
  close(): void;
}

const LEDGER_FILE = 'ledger.jsonl';
const LINE_END = 0x0a;

/**
 * Keeps a ledger in `<directory>/ledger.jsonl`, one entry a line.
 *
 * - A line that was written survives the process (not a power cut: nothing is synced to the disk).
 * - A last line without its end is an append that was cut short and never answered: it is removed.
 * - Any other line that is no entry is an error, never skipped in silence.
 * - Directory and file are for the user alone (0700, 0600). One emulator at a time per directory.
 *
 * @throws the error of the file system when directory or file cannot be made or read.
 */
export function openLedgerFile(directory: string): LedgerStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = `${directory}/${LEDGER_FILE}`;
  let bytes = removeTornEnd(path);
  const file = openSync(path, 'a', 0o600);
  return {
    load: () => readEntries(path),
    append(entry) {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      try {
        appendFileSync(file, line);
      } catch (error) {
        // What a full disk left of the line would otherwise become the start of the next one.
        ftruncateSync(file, bytes);
        throw error;
      }
      bytes += line.byteLength;
    },
    close: () => {
      closeSync(file);
    },
  };
}

/** Cuts what stands after the last end of line and returns the size that is left, in bytes. */
function removeTornEnd(path: string): number {
  if (!existsSync(path)) return 0;
  const content = readFileSync(path);
  const bytes = content.lastIndexOf(LINE_END) + 1;
  if (bytes < content.byteLength) truncateSync(path, bytes);
  return bytes;
}

function readEntries(path: string): readonly LedgerEntry[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line, index) => {
    const entry = parseEntry(line);
    if (entry === undefined) {
      throw new Error(`${LEDGER_FILE} is damaged: line ${index + 1} is not a ledger entry`);
    }
    return entry;
  });
}

const TEXT_FIELDS = [
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
] as const satisfies readonly (keyof LedgerEntry)[];

/** The shape only: whether the entry is the one that was sealed is for the chain to say. */
function parseEntry(line: string): LedgerEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isEntry(value)) return undefined;
  Object.freeze(value.meta);
  return Object.freeze(value);
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return (
    typeof fields.get('sequence') === 'number' &&
    TEXT_FIELDS.every((field) => typeof fields.get(field) === 'string') &&
    ['string', 'undefined'].includes(typeof fields.get('traceId')) &&
    isMeta(fields.get('meta'))
  );
}
