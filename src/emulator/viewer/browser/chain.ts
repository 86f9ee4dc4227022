/// <reference lib="dom" />
import { sha256Hex } from './digests.ts';
import type { ViewedEntry } from './events.ts';

/** How far the chain is verified. */
export interface ChainState {
  /** Entries from the first on that hold. */
  readonly verified: number;
  /** The first that does not: its index and what is wrong; nothing after it can be trusted. */
  readonly broken?: { readonly index: number; readonly reason: string };
}

/** What the chain says about one entry. */
export type EntryStanding = 'verified' | 'broken' | 'after-broken' | 'pending';

/** What a chain state says about the entry at an index. */
export function standingOf(state: ChainState, index: number): EntryStanding {
  if (index < state.verified) return 'verified';
  if (state.broken === undefined) return 'pending';
  return state.broken.index === index ? 'broken' : 'after-broken';
}

/** The `previousHash` of the first entry. */
const FIRST_PREVIOUS_HASH = '0'.repeat(64);

/** Steps after which progress is told. */
const TELL_EVERY = 250;

/** Verifies a list of entries that only grows, each of them once. */
export class ChainWatch {
  readonly #entryAt: (index: number) => ViewedEntry | undefined;
  readonly #onProgress: () => void;
  #state: ChainState = { verified: 0 };
  #head = FIRST_PREVIOUS_HASH;
  #generation = 0;
  #running: Promise<void> | undefined;

  constructor(entryAt: (index: number) => ViewedEntry | undefined, onProgress: () => void) {
    this.#entryAt = entryAt;
    this.#onProgress = onProgress;
  }

  get state(): ChainState {
    return this.#state;
  }

  /** Goes on with what is new; resolves when all that is there was looked at. */
  run(): Promise<void> {
    this.#running ??= this.#verify().finally(() => {
      this.#running = undefined;
      this.#onProgress();
    });
    return this.#running;
  }

  /** Starts anew, with an empty list. */
  reset(): void {
    this.#generation += 1;
    this.#state = { verified: 0 };
    this.#head = FIRST_PREVIOUS_HASH;
  }

  async #verify(): Promise<void> {
    for (;;) {
      const started = this.#generation;
      const index = this.#state.verified;
      const entry = this.#state.broken === undefined ? this.#entryAt(index) : undefined;
      if (entry === undefined) return;
      const reason = await checkEntry(entry, { sequence: index + 1, previousHash: this.#head });
      // What was looked at belongs to a list that is gone.
      if (started !== this.#generation) continue;
      if (reason === undefined) {
        this.#head = entry.hash;
        this.#state = { verified: index + 1 };
      } else this.#state = { verified: index, broken: { index, reason } };
      if (this.#state.verified % TELL_EVERY === 0) this.#onProgress();
    }
  }
}

/** Where an entry has to stand. */
interface Place {
  /** From 1 on. */
  readonly sequence: number;
  /** `hash` of the entry before. */
  readonly previousHash: string;
}

/**
 * Computes an entry again by WebCrypto, from its own sources alone, and says what does not fit, in
 * words without any value; `undefined` when all does. Shares no code with the ledger.
 */
async function checkEntry(entry: ViewedEntry, place: Place): Promise<string | undefined> {
  if (entry.sequence !== place.sequence) return 'its sequence is not the next number';
  if (entry.previousHash !== place.previousHash) {
    return 'its previousHash is not the hash of the event before';
  }
  const [payloadHash, hash] = await Promise.all([
    sha256Hex(entry.payload, crypto.subtle),
    sha256Hex(sealedText(entry), crypto.subtle),
  ]);
  const expected = new Map<string, unknown>([
    ['payloadHash', payloadHash],
    ['hash', hash],
    ['txId', `tx_${hash.slice(0, 32)}`],
    ...derivedFields(entry),
  ]);
  const actual = new Map<string, unknown>(Object.entries(entry));
  const broken = [...expected].find(([field, value]) => actual.get(field) !== value);
  if (broken !== undefined) return `its ${broken[0]} does not match its content`;
  return [...actual.keys()].every((field) => expected.has(field) || SOURCES.has(field))
    ? undefined
    : 'it has a field that was not sealed';
}

/** The fields from which all others follow. */
const SOURCES: ReadonlySet<string> = new Set([
  'sequence',
  'previousHash',
  'receivedAt',
  'idempotencyKey',
  'payload',
  'meta',
]);

function sealedText(entry: ViewedEntry): string {
  const pairs = Object.entries(entry.meta).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    entry.sequence,
    entry.previousHash,
    entry.receivedAt,
    entry.idempotencyKey,
    entry.payload,
    pairs,
  ]);
}

function derivedFields({
  meta,
  idempotencyKey,
}: ViewedEntry): readonly (readonly [string, string])[] {
  const value = new Map(Object.entries(meta));
  const traceId = value.get('trace_id');
  return [
    ['requestId', value.get('request_id') ?? idempotencyKey],
    ['eventName', value.get('event_name') ?? ''],
    ['type', value.get('type') ?? ''],
    ['service', value.get('service') ?? ''],
    ['env', value.get('env') ?? value.get('environment') ?? ''],
    ...(traceId === undefined ? [] : [['traceId', traceId] as const]),
  ];
}
