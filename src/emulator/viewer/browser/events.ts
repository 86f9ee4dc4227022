import type { Leaf } from './personal-data.ts';
import { leavesOf, segmentsOf } from './personal-data.ts';

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

/** A place in an event where something looks like raw personal data. */
export interface Warning {
  /** The name of the value. */
  readonly where: string;
  /** What it looks like. */
  readonly label: string;
}

/** What the person wants to see; empty texts ask for nothing. */
export interface EventFilter {
  readonly text: string;
  readonly type: string;
  readonly service: string;
  /** The beginning of a trace id. */
  readonly trace: string;
  readonly warnedOnly: boolean;
}

/** An entry as a filter looks at it. */
interface Searchable {
  readonly entry: ViewedEntry;
  /** Name, payload and meta in lower case. */
  readonly haystack: string;
  readonly warned: boolean;
}

/** An event with what the page worked out about it once. */
export interface StoredEvent extends Searchable {
  /** Place in the ledger, from 0 on. */
  readonly index: number;
  readonly warnings: readonly Warning[];
}

/** All events the page has, and those of them that pass the filter, oldest first. */
export class EventStore {
  #all: StoredEvent[] = [];
  #shown: StoredEvent[] = [];
  #services = new Set<string>();
  #matches: (item: Searchable) => boolean = () => true;

  get all(): readonly StoredEvent[] {
    return this.#all;
  }

  get shown(): readonly StoredEvent[] {
    return this.#shown;
  }

  get services(): ReadonlySet<string> {
    return this.#services;
  }

  /** Adds entries at the end; returns how many of them pass the filter. */
  add(entries: readonly ViewedEntry[]): number {
    const before = this.#shown.length;
    for (const entry of entries) {
      const warnings = warningsOf(entry);
      const item = {
        entry,
        haystack: haystackOf(entry),
        warnings,
        warned: warnings.length > 0,
        index: this.#all.length,
      };
      this.#all.push(item);
      this.#services.add(entry.service);
      if (this.#matches(item)) this.#shown.push(item);
    }
    return this.#shown.length - before;
  }

  /** @param digests - what stands in place of the text of the filter, too */
  filter(filter: EventFilter, digests: readonly string[] = []): void {
    this.#matches = matcherOf(filter, digests);
    this.#shown = this.#all.filter(this.#matches);
  }

  clear(): void {
    this.#all = [];
    this.#shown = [];
    this.#services = new Set();
  }
}

/** All parts of a filter have to hold; every word of its text too, or one of its digests. */
function matcherOf(filter: EventFilter, digests: readonly string[]): (item: Searchable) => boolean {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const trace = filter.trace.trim().toLowerCase();
  return ({ entry, haystack, warned }) =>
    (filter.type === '' || entry.type === filter.type) &&
    (filter.service === '' || entry.service === filter.service) &&
    (trace === '' || (entry.traceId?.toLowerCase().startsWith(trace) ?? false)) &&
    (!filter.warnedOnly || warned) &&
    (words.every((word) => haystack.includes(word)) ||
      digests.some((digest) => haystack.includes(digest)));
}

/** The text in which a filter searches. */
function haystackOf({ eventName, payload, meta, idempotencyKey }: ViewedEntry): string {
  return [eventName, payload, ...Object.values(meta), idempotencyKey].join('\n').toLowerCase();
}

/** Looks through the names and values of `meta` and payload. */
export function warningsOf(entry: ViewedEntry): readonly Warning[] {
  const meta = Object.entries(entry.meta).flatMap(([key, text]) => inValue('meta', key, text));
  const leaves = leavesOf(entry.payload);
  const payload = leaves.flatMap(({ parents, key, text }) => inValue(parents, key, text));
  return [...meta, ...payload, ...inLostValues(entry.payload, leaves)];
}

/** Of a name that stands twice the payload text is sealed with both values, but reads as the last. */
function inLostValues(payload: string, leaves: readonly Leaf[]): readonly Warning[] {
  const read = leaves.map(({ parents, key, text }) => `${parents}\n${key}\n${text}`).join('\n');
  const withoutEscapes = payload.replaceAll(/\\(?:u[0-9a-f]{4}|.)/gi, ' ');
  return segmentsOf('', withoutEscapes).flatMap((segment) =>
    segment.kind === 'raw' && !read.includes(segment.text)
      ? [{ where: 'a repeated name of the payload text', label: segment.label }]
      : [],
  );
}

function inValue(parents: string, key: string, text: string): readonly Warning[] {
  const where = [parents, key].filter((part) => part !== '').join(' › ');
  return [...segmentsOf('', key), ...segmentsOf(key, text)].flatMap((segment) =>
    segment.kind === 'raw' ? [{ where, label: segment.label }] : [],
  );
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
